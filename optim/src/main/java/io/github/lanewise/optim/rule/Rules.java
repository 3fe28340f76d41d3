package io.github.lanewise.optim.rule;

import io.github.lanewise.core.UpdateRule;
import java.util.List;

/// The table of rules, by which programs find a rule by its name.
public final class Rules {
  /// Every rule with its default settings.
  public static final List<UpdateRule> ALL =
      List.of(
          SgdConfig.DEFAULT,
          AdamConfig.DEFAULT,
          AdamWConfig.DEFAULT,
          RmsPropConfig.DEFAULT,
          AdagradConfig.DEFAULT,
          AdadeltaConfig.DEFAULT,
          AdamaxConfig.DEFAULT,
          NAdamConfig.DEFAULT,
          RAdamConfig.DEFAULT,
          AsgdConfig.DEFAULT,
          RpropConfig.DEFAULT,
          LionConfig.DEFAULT,
          AdanConfig.DEFAULT,
          AdaBeliefConfig.DEFAULT,
          ScheduleFreeSgdConfig.DEFAULT,
          ScheduleFreeAdamWConfig.DEFAULT,
          LambConfig.DEFAULT,
          AdafactorConfig.DEFAULT,
          MuonConfig.DEFAULT);

  /// The names of the rules that take parameters of any shape: all but `muon`.
  public static final List<String> NAMES =
      ALL.stream().filter(rule -> !(rule instanceof MuonConfig)).map(UpdateRule::name).toList();

  private Rules() {}

  /// {@return the rule of that name with its default settings, which are PyTorch's where PyTorch
  /// has the rule}
  ///
  /// @param name one of [#NAMES], or `muon`
  /// @throws IllegalArgumentException if the name is unknown
  public static UpdateRule named(String name) {
    for (UpdateRule rule : ALL) {
      if (rule.name().equals(name)) {
        return rule;
      }
    }
    throw new IllegalArgumentException(
        "there is no optimizer " + name + ", only " + String.join(", ", NAMES));
  }
}
