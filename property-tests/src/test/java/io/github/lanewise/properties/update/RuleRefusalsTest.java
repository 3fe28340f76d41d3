package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.MuonConfig;
import io.github.lanewise.optim.rule.RmsPropConfig;
import io.github.lanewise.optim.rule.RpropConfig;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.SgdConfig;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every setting of every rule refuses every value that it may not have: when the rule is made,
/// when the setting is changed later, and when a file is loaded. What is refused leaves no trace.
///
/// The rules are those of the table and the values those that a setting's kind excludes, so a new
/// rule is tested by being in the table.
class RuleRefusalsTest {
  static List<UpdateRule> rules() {
    return Rules.ALL;
  }

  /// Values that a setting of this kind may not have, PyTorch's limits among them.
  private static double[] refused(Setting.Kind kind) {
    return switch (kind) {
      case AT_LEAST_ZERO -> new double[] {-Double.MIN_VALUE, -1e-9, -1};
      case POSITIVE -> new double[] {0, -1e-9};
      case AT_LEAST_ONE -> new double[] {Math.nextDown(1.0), 0, -1};
      case BELOW_ONE -> new double[] {1, 1.1, -1e-9};
      case BETWEEN -> new double[] {0, 1, -1e-9, 1.1};
      case ABOVE_ONE -> new double[] {1, 0, -1};
      case FRACTION -> new double[] {Math.nextUp(1.0), 2, -1e-9};
      case AT_MOST_ZERO -> new double[] {Double.MIN_VALUE, 1};
      case FINITE -> new double[] {};
      case FLAG, FIXED_FLAG -> new double[] {0.5, 2, -1};
    };
  }

  /// The values that no setting may have, and those of its kind.
  private static double[] refused(Setting setting) {
    double[] never = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    double[] own = refused(setting.kind());
    double[] all = Arrays.copyOf(never, never.length + own.length);
    System.arraycopy(own, 0, all, never.length, own.length);
    return all;
  }

  /// An optimizer for one matrix that has taken two steps.
  private static Optimizer stepped(Arena arena, UpdateRule rule) {
    FloatArray value = FloatArray.of(arena, Samples.normal(1, 35, 1));
    FloatArray gradient = FloatArray.of(arena, Samples.normal(2, 35, 1));
    Optimizer optimizer =
        Optimizer.of(arena, List.of(new Parameter("w", Shape.of(5, 7), value, gradient)), rule);
    optimizer.step();
    optimizer.step();
    return optimizer;
  }

  private static void requireSame(Arena arena, Optimizer expected, Optimizer actual) {
    assertEquals(expected.metadata(), actual.metadata());
    StateDict a = expected.stateDict(arena);
    StateDict b = actual.stateDict(arena);
    assertEquals(a.names(), b.names());
    for (String name : a.names()) {
      assertArrayEquals(a.get(name).values().toArray(), b.get(name).values().toArray(), name);
    }
    assertArrayEquals(
        expected.parameters().getFirst().value().toArray(),
        actual.parameters().getFirst().value().toArray());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void everyNumberOfARecordIsASettingAndRefusesWhatItMayNotBe(UpdateRule rule) {
    Set<String> settings = rule.settings().stream().map(Setting::name).collect(Collectors.toSet());
    Map<String, Setting> byName =
        rule.settings().stream().collect(Collectors.toMap(Setting::name, each -> each));
    for (RecordComponent component : rule.getClass().getRecordComponents()) {
      String name = component.getName();
      assertTrue(settings.contains(name), name + " is no setting");
      if (component.getType() == double.class) {
        for (double bad : refused(byName.get(name))) {
          Throwable error =
              assertThrows(
                  IllegalStateException.class, () -> Records.with(rule, Map.of(name, bad)));
          Throwable cause = error.getCause().getCause();
          assertEquals(IllegalArgumentException.class, cause.getClass(), name + " of " + bad);
          assertTrue(
              cause.getMessage().startsWith(name + " is " + bad + ", must be "), cause::getMessage);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aSettingThatIsChangedToAWrongValueStaysAsItIs(UpdateRule rule) {
    try (Arena arena = Arena.ofConfined()) {
      Optimizer optimizer = stepped(arena, rule);
      Optimizer twin = stepped(arena, rule);
      ParameterGroup group = optimizer.groups().getFirst();
      int tried = 0;
      for (Setting setting : group.settings()) {
        for (double bad : refused(setting)) {
          String message = setting.name() + " is " + bad + ", must be ";
          refusedWith(message, () -> group.set(setting.name(), bad));
          String key = "param_groups.0." + snake(setting.name());
          StateDict state = optimizer.stateDict(arena);
          Map<String, String> metadata = new LinkedHashMap<>(Map.of("param_groups.0.lr", "0.5"));
          metadata.put(key, "" + bad);
          refusedWith(
              "the metadata entry " + key + " is '" + bad + "': " + message,
              () -> optimizer.loadStateDict(state, metadata));
          tried++;
        }
        if (setting.kind() == Setting.Kind.FIXED_FLAG) {
          refusedWith(
              setting.name() + " is " + (setting.value() == 1) + " for the life of this optimizer",
              () -> group.set(setting.name(), 1 - setting.value()));
        }
      }
      assertTrue(tried >= 3 * group.settings().size());
      refusedWith(rule.name() + " has no setting speed, only lr", () -> group.set("speed", 1));
      refusedWith(rule.name() + " has no setting speed, only lr", () -> group.get("speed"));
      assertFalse(group.has("speed"));
      refusedWith("lr is NaN, must be at least 0", () -> optimizer.setLearningRate(Double.NaN));
      optimizer.step();
      twin.step();
      requireSame(arena, twin, optimizer);
    }
  }

  @Test
  void settingsThatDoNotFitTogetherAreRefused() {
    RpropConfig rprop = RpropConfig.DEFAULT;
    refusedWith("leastStep is 60.0, must be at most mostStep", () -> rprop.withLeastStep(60));
    refusedWith("nsSteps is 2.5, must be a whole number below 100", () -> muon(2.5));
    refusedWith("nsSteps is 100.0, must be a whole number below 100", () -> muon(100));
    try (Arena arena = Arena.ofConfined()) {
      Map<UpdateRule, Map<String, Double>> wrong =
          Map.of(
              SgdConfig.DEFAULT,
              Map.of("momentum", 0.9),
              RmsPropConfig.DEFAULT,
              Map.of("momentum", 0.9),
              SgdConfig.DEFAULT.withMomentum(0.9).withNesterov(true),
              Map.of("dampening", 0.5),
              RpropConfig.DEFAULT,
              Map.of("leastStep", 60.0),
              MuonConfig.DEFAULT,
              Map.of("nsSteps", 2.5));
      wrong.forEach(
          (rule, values) -> {
            Optimizer optimizer = stepped(arena, rule);
            Optimizer twin = stepped(arena, rule);
            ParameterGroup group = optimizer.groups().getFirst();
            values.forEach((name, bad) -> refusedWith("", () -> group.set(name, bad)));
            optimizer.step();
            twin.step();
            requireSame(arena, twin, optimizer);
          });
    }
  }

  private static MuonConfig muon(double steps) {
    return MuonConfig.DEFAULT.withNsSteps(steps);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, 0, -1, Double.NEGATIVE_INFINITY})
  void limitsThatAreNotAboveZeroAreRefused(double bad) {
    String norm = "maxNorm is " + bad + ", must be above 0";
    String value = "clipValue is " + bad + ", must be above 0";
    refusedWith(norm, () -> Passes.NONE.withMaxNorm(bad));
    refusedWith(value, () -> Passes.NONE.withClipValue(bad));
    try (Arena arena = Arena.ofConfined()) {
      Optimizer optimizer = stepped(arena, AdamConfig.DEFAULT);
      Optimizer twin = stepped(arena, AdamConfig.DEFAULT);
      refusedWith(norm, () -> optimizer.setMaxNorm(bad));
      refusedWith(value, () -> optimizer.setClipValue(bad));
      optimizer.step();
      twin.step();
      requireSame(arena, twin, optimizer);
    }
  }

  @Test
  void passesThatMakeNoSenseAreRefused() {
    refusedWith(
        "accumulatedSteps is 0, must be at least 1", () -> Passes.NONE.withAccumulatedSteps(0));
    refusedWith("every is 0, must be at least 1", () -> Averaging.equal().withEvery(0));
    for (double bad : new double[] {Double.NaN, -1e-9, 1.1, Double.POSITIVE_INFINITY}) {
      refusedWith(
          "decay is " + bad + ", must be between 0 and 1", () -> Averaging.exponential(bad));
    }
    assertThrows(NullPointerException.class, () -> Passes.NONE.withAveraging(null));
    assertThrows(NullPointerException.class, () -> Passes.NONE.withStatePrecision(null));
    assertThrows(NullPointerException.class, () -> Passes.NONE.withParameterPrecision(null));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aGroupThatDoesNotFitIsRefused(UpdateRule rule) {
    UpdateRule other = Rules.ALL.get((Rules.ALL.indexOf(rule) + 1) % Rules.ALL.size());
    try (Arena arena = Arena.ofConfined()) {
      Optimizer optimizer = stepped(arena, rule);
      Optimizer twin = stepped(arena, rule);
      List<Parameter> own = optimizer.parameters();
      FloatArray array = FloatArray.allocate(arena, 35);
      Parameter v = new Parameter("v", Shape.of(5, 7), array, FloatArray.allocate(arena, 35));
      Parameter namesake = new Parameter("w", Shape.of(5, 7), v.value(), v.gradient());
      Parameter sharing = new Parameter("u", Shape.of(5, 7), own.getFirst().value(), v.gradient());
      refusedWith(
          "the rule is " + other.name() + ", but the optimizer's is " + rule.name(),
          () -> optimizer.addGroup(List.of(v), other));
      refusedWith("", () -> optimizer.addGroup(List.of(), rule));
      refusedWith("", () -> optimizer.addGroup(List.of(v, v), rule));
      refusedWith("", () -> optimizer.addGroup(List.of(namesake), rule));
      refusedWith("", () -> optimizer.addGroup(List.of(sharing), rule));
      assertThrows(NullPointerException.class, () -> optimizer.addGroup(List.of(v), null));
      for (String name : new ArrayList<>(List.of("v", "", "W"))) {
        refusedWith("there is no parameter " + name + ", only w", () -> optimizer.freeze(name));
        refusedWith("there is no parameter " + name + ", only w", () -> optimizer.unfreeze(name));
        refusedWith("there is no parameter " + name + ", only w", () -> optimizer.skip(name));
      }
      optimizer.step();
      twin.step();
      requireSame(arena, twin, optimizer);
      assertEquals(1, optimizer.groups().size());
    }
  }

  private static String snake(String camel) {
    return Pattern.compile("[A-Z]")
        .matcher(camel)
        .replaceAll(match -> "_" + match.group().toLowerCase(Locale.ROOT));
  }

  private static void refusedWith(String start, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(message.startsWith(start), message);
    assertFalse(message.isBlank());
  }
}
