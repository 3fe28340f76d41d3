package io.github.lanewise.properties.schedule;

import io.github.lanewise.optim.schedule.ChainedLr;
import io.github.lanewise.optim.schedule.ConstantLr;
import io.github.lanewise.optim.schedule.CosineAnnealingLr;
import io.github.lanewise.optim.schedule.CosineAnnealingWarmRestarts;
import io.github.lanewise.optim.schedule.CyclicLr;
import io.github.lanewise.optim.schedule.ExponentialLr;
import io.github.lanewise.optim.schedule.LambdaLr;
import io.github.lanewise.optim.schedule.LinearLr;
import io.github.lanewise.optim.schedule.MultiStepLr;
import io.github.lanewise.optim.schedule.MultiplicativeLr;
import io.github.lanewise.optim.schedule.OneCycleLr;
import io.github.lanewise.optim.schedule.PolynomialLr;
import io.github.lanewise.optim.schedule.ReduceLrOnPlateau;
import io.github.lanewise.optim.schedule.Schedule;
import io.github.lanewise.optim.schedule.SequentialLr;
import io.github.lanewise.optim.schedule.StepLr;
import io.github.lanewise.properties.support.GoldenFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/// Makes schedules from the arguments of PyTorch's, as a manifest holds them. An argument that is
/// not given has our default, which must then be PyTorch's; one that nobody asks for is an error.
final class GoldenSchedule {
  private final Map<String, Object> arguments;

  private GoldenSchedule(Map<String, Object> arguments) {
    this.arguments = new LinkedHashMap<>(arguments);
  }

  /// The schedule of a PyTorch class with these arguments.
  static Schedule of(String name, Map<String, Object> given) {
    GoldenSchedule arguments = new GoldenSchedule(given);
    Schedule schedule = arguments.schedule(name);
    arguments.requireAllUsed(name);
    return schedule;
  }

  static ReduceLrOnPlateau plateau(Map<String, Object> given) {
    GoldenSchedule a = new GoldenSchedule(given);
    ReduceLrOnPlateau d = ReduceLrOnPlateau.DEFAULT;
    ReduceLrOnPlateau plateau =
        new ReduceLrOnPlateau(
            ReduceLrOnPlateau.Mode.valueOf(a.text("mode", d.mode())),
            a.number("factor", d.factor()),
            a.count("patience", d.patience()),
            a.number("threshold", d.threshold()),
            ReduceLrOnPlateau.ThresholdMode.valueOf(a.text("threshold_mode", d.thresholdMode())),
            a.count("cooldown", d.cooldown()),
            a.number("min_lr", d.minLr()),
            a.number("eps", d.eps()));
    a.requireAllUsed("ReduceLROnPlateau");
    return plateau;
  }

  private Schedule schedule(String name) {
    return switch (name) {
      case "StepLR" -> {
        StepLr d = StepLr.of(count("step_size", 0));
        yield new StepLr(d.stepSize(), number("gamma", d.gamma()));
      }
      case "MultiStepLR" ->
          new MultiStepLr(counts("milestones"), number("gamma", MultiStepLr.of().gamma()));
      case "ConstantLR" ->
          new ConstantLr(
              number("factor", ConstantLr.DEFAULT.factor()),
              count("total_iters", ConstantLr.DEFAULT.totalIters()));
      case "LinearLR" ->
          new LinearLr(
              number("start_factor", LinearLr.DEFAULT.startFactor()),
              number("end_factor", LinearLr.DEFAULT.endFactor()),
              count("total_iters", LinearLr.DEFAULT.totalIters()));
      case "ExponentialLR" -> new ExponentialLr(number("gamma", Double.NaN));
      case "PolynomialLR" ->
          new PolynomialLr(
              count("total_iters", PolynomialLr.DEFAULT.totalIters()),
              number("power", PolynomialLr.DEFAULT.power()));
      case "CosineAnnealingLR" -> {
        CosineAnnealingLr d = CosineAnnealingLr.of(count("T_max", 0));
        yield new CosineAnnealingLr(d.tMax(), number("eta_min", d.etaMin()));
      }
      case "CosineAnnealingWarmRestarts" -> {
        CosineAnnealingWarmRestarts d = CosineAnnealingWarmRestarts.of(count("T_0", 0));
        yield new CosineAnnealingWarmRestarts(
            d.t0(), count("T_mult", d.tMult()), number("eta_min", d.etaMin()));
      }
      case "OneCycleLR" -> oneCycle();
      case "CyclicLR" -> cyclic();
      case "LambdaLR" -> new LambdaLr(factor());
      case "MultiplicativeLR" -> new MultiplicativeLr(factor());
      case "SequentialLR" -> new SequentialLr(schedules(), counts("milestones"));
      case "ChainedScheduler" -> new ChainedLr(schedules());
      default -> throw new IllegalArgumentException("no schedule " + name);
    };
  }

  private Schedule oneCycle() {
    long steps = count("total_steps", 0);
    if (steps == 0) {
      steps = count("epochs", 0) * count("steps_per_epoch", 0);
    }
    OneCycleLr d = OneCycleLr.of(number("max_lr", Double.NaN), steps);
    return new OneCycleLr(
        d.maxLr(),
        d.totalSteps(),
        number("pct_start", d.pctStart()),
        OneCycleLr.AnnealStrategy.valueOf(text("anneal_strategy", d.annealStrategy())),
        flag("cycle_momentum", d.cycleMomentum()),
        number("base_momentum", d.baseMomentum()),
        number("max_momentum", d.maxMomentum()),
        number("div_factor", d.divFactor()),
        number("final_div_factor", d.finalDivFactor()),
        flag("three_phase", d.threePhase()));
  }

  private Schedule cyclic() {
    CyclicLr d = CyclicLr.of(number("base_lr", Double.NaN), number("max_lr", Double.NaN));
    long up = count("step_size_up", d.stepSizeUp());
    return new CyclicLr(
        d.baseLr(),
        d.maxLr(),
        up,
        count("step_size_down", up),
        CyclicLr.Mode.valueOf(text("mode", d.mode())),
        number("gamma", d.gamma()),
        flag("cycle_momentum", d.cycleMomentum()),
        number("base_momentum", d.baseMomentum()),
        number("max_momentum", d.maxMomentum()));
  }

  /// The function of the manifest: a + b / (1 + step).
  private LongToDoubleFunction factor() {
    double a = number("a", Double.NaN);
    double b = number("b", Double.NaN);
    return step -> a + b / (1 + step);
  }

  private List<Schedule> schedules() {
    return ((List<?>) arguments.remove("schedulers"))
        .stream().map(GoldenFile::object).map(GoldenSchedule::part).toList();
  }

  /// A schedule inside another, whose class is an argument.
  static Schedule part(Map<String, Object> given) {
    Map<String, Object> rest = new LinkedHashMap<>(given);
    return of((String) rest.remove("schedule"), rest);
  }

  private double number(String key, double otherwise) {
    Object value = arguments.remove(key);
    return value == null ? otherwise : ((Number) value).doubleValue();
  }

  private long count(String key, long otherwise) {
    Object value = arguments.remove(key);
    return value == null ? otherwise : ((Number) value).longValue();
  }

  private boolean flag(String key, boolean otherwise) {
    Object value = arguments.remove(key);
    return value == null ? otherwise : (Boolean) value;
  }

  private String text(String key, Enum<?> otherwise) {
    Object value = arguments.remove(key);
    return value == null ? otherwise.name() : ((String) value).toUpperCase(Locale.ROOT);
  }

  private List<Long> counts(String key) {
    return ((List<?>) arguments.remove(key))
        .stream().map(value -> ((Number) value).longValue()).toList();
  }

  private void requireAllUsed(String name) {
    arguments.values().removeIf(value -> value == null); // None: PyTorch's default
    if (!arguments.isEmpty()) {
      throw new IllegalArgumentException(name + " has arguments without a meaning: " + arguments);
    }
  }
}
