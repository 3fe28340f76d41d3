package io.github.lanewise.properties.update;

import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.rule.AdaBeliefConfig;
import io.github.lanewise.optim.rule.AdadeltaConfig;
import io.github.lanewise.optim.rule.AdafactorConfig;
import io.github.lanewise.optim.rule.AdagradConfig;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.AdamWConfig;
import io.github.lanewise.optim.rule.AdamaxConfig;
import io.github.lanewise.optim.rule.AdanConfig;
import io.github.lanewise.optim.rule.AsgdConfig;
import io.github.lanewise.optim.rule.LambConfig;
import io.github.lanewise.optim.rule.LionConfig;
import io.github.lanewise.optim.rule.MuonConfig;
import io.github.lanewise.optim.rule.NAdamConfig;
import io.github.lanewise.optim.rule.RAdamConfig;
import io.github.lanewise.optim.rule.RmsPropConfig;
import io.github.lanewise.optim.rule.RpropConfig;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.ScheduleFreeAdamWConfig;
import io.github.lanewise.optim.rule.ScheduleFreeSgdConfig;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.optim.rule.TensorRule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Every rule with every flag, and settings to try it with.
public final class RuleCases {
  private RuleCases() {}

  /// A rule and its settings.
  ///
  /// @param rule the rule with its flags
  /// @param settings values to change, one map after the other
  public record Case(String name, UpdateRule rule, List<Map<String, Double>> settings) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, UpdateRule rule, List<Map<String, Double>> settings) {
    return new Case(name, rule, settings);
  }

  /// Both branches of lerp, and no decay of the means at all.
  private static final List<Map<String, Double>> BETAS =
      List.of(
          Map.of("lr", 0.01),
          Map.of("lr", 0.3, "beta1", 0.25, "beta2", 0.3, "eps", 1e-3),
          Map.of("beta1", 0.5, "beta2", 0.5, "eps", 0.0),
          Map.of("beta1", 0.0, "beta2", 0.0));

  /// Those of [#listed], and every other rule of the table with its defaults.
  public static Stream<Case> all() {
    List<String> listed = listed().map(each -> each.rule().name()).toList();
    Stream<Case> others =
        Rules.ALL.stream()
            .filter(rule -> !(rule instanceof TensorRule) && !listed.contains(rule.name()))
            .map(rule -> of(rule.name(), rule, List.of(Map.of())));
    return Stream.concat(listed(), others);
  }

  /// Rules with flags or with settings of their own to try, whose bits are kept in a file.
  public static Stream<Case> listed() {
    SgdConfig momentum = SgdConfig.DEFAULT.withMomentum(0.9);
    RmsPropConfig rms = RmsPropConfig.DEFAULT.withMomentum(0.9);
    List<Map<String, Double>> alphas =
        List.of(Map.of("lr", 0.01), Map.of("alpha", 0.3, "eps", 1e-3), Map.of("alpha", 0.5));
    return Stream.of(
        of("sgd", SgdConfig.DEFAULT, List.of(Map.of("lr", 0.1))),
        of(
            "sgd momentum",
            momentum,
            List.of(Map.of("dampening", 0.3), Map.of("momentum", 0.5, "dampening", 1.0))),
        of("nesterov", momentum.withNesterov(true), List.of(Map.of("lr", 0.1))),
        of("adam", AdamConfig.DEFAULT, BETAS),
        of("amsgrad", AdamConfig.DEFAULT.withAmsgrad(true), BETAS),
        of("adamw", AdamWConfig.DEFAULT, BETAS),
        of("amsgradw", AdamWConfig.DEFAULT.withAmsgrad(true), BETAS),
        of("rmsprop", RmsPropConfig.DEFAULT, alphas),
        of("rmsprop momentum", rms, alphas),
        of("rmsprop centered", RmsPropConfig.DEFAULT.withCentered(true), alphas),
        of("rmsprop centered momentum", rms.withCentered(true), alphas),
        of(
            "adagrad",
            AdagradConfig.DEFAULT.withInitialAccumulatorValue(0.1),
            List.of(Map.of("lr", 0.1), Map.of("lrDecay", 0.05))),
        of("adadelta", AdadeltaConfig.DEFAULT, List.of(Map.of(), Map.of("lr", 0.5, "rho", 0.5))),
        of("adamax", AdamaxConfig.DEFAULT, BETAS),
        of("nadam", NAdamConfig.DEFAULT, BETAS),
        of("radam", RAdamConfig.DEFAULT, BETAS),
        of(
            "asgd",
            AsgdConfig.DEFAULT,
            List.of(Map.of("lr", 0.1), Map.of("t0", 2.0, "lambd", 0.1, "alpha", 0.5))),
        of(
            "rprop",
            RpropConfig.DEFAULT,
            List.of(Map.of("lr", 0.1), Map.of("etaMinus", 0.1, "etaPlus", 9.0, "mostStep", 1.0))),
        of("lion", LionConfig.DEFAULT, List.of(Map.of(), Map.of("beta1", 0.3, "beta2", 0.2))),
        of(
            "adan",
            AdanConfig.DEFAULT,
            List.of(Map.of(), Map.of("beta1", 0.3, "beta3", 0.2, "proximal", 0.0))),
        of("adabelief", AdaBeliefConfig.DEFAULT, BETAS),
        of("schedule_free_sgd", ScheduleFreeSgdConfig.DEFAULT, scheduleFree("momentum")),
        of("schedule_free_adamw", ScheduleFreeAdamWConfig.DEFAULT, scheduleFree("beta1")));
  }

  /// Rules that look at whole parameters.
  public static Stream<Case> ofMatrices() {
    return Stream.of(
        of(
            "lamb",
            LambConfig.DEFAULT,
            List.of(Map.of(), Map.of("lr", 0.1, "beta1", 0.25, "beta2", 0.3, "weightDecay", 0.0))),
        of(
            "adafactor",
            AdafactorConfig.DEFAULT,
            List.of(Map.of(), Map.of("lr", 0.3, "weightDecay", 0.1, "eps1", 1e-3, "d", 1.5))),
        of(
            "muon",
            MuonConfig.DEFAULT,
            List.of(Map.of(), Map.of("momentum", 0.25, "nesterov", 0.0, "matchRms", 1.0))));
  }

  private static List<Map<String, Double>> scheduleFree(String beta) {
    return List.of(
        Map.of("lr", 0.1),
        Map.of("lr", 0.1, beta, 0.5, "warmupSteps", 3.0, "r", 1.0, "weightLrPower", 1.0));
  }
}
