package io.github.lanewise.optim;

import io.github.lanewise.core.UpdateRule;
import java.util.List;

/// The table of rules, by which the command line, the benchmarks and the tests find them.
final class Rules {
  /// Every rule with its default settings, by [UpdateRule#name].
  static final List<UpdateRule> ALL =
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
          ScheduleFreeSgdConfig.DEFAULT,
          ScheduleFreeAdamWConfig.DEFAULT,
          LambConfig.DEFAULT,
          AdafactorConfig.DEFAULT,
          MuonConfig.DEFAULT);

  private Rules() {}

  /// The names of the rules that take parameters of any shape.
  static List<String> names() {
    return ALL.stream()
        .filter(rule -> !(rule instanceof MuonConfig))
        .map(UpdateRule::name)
        .toList();
  }

  static UpdateRule named(String name) {
    for (UpdateRule rule : ALL) {
      if (rule.name().equals(name)) {
        return rule;
      }
    }
    throw new IllegalArgumentException(
        "there is no optimizer " + name + ", only " + String.join(", ", names()));
  }
}
