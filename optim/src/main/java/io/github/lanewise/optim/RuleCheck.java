package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;

/// Holds the loop of a rule against its twin, a function of one element in plain Java.
///
/// For a test of your own rule: it runs both on arrays of every length to 70 and some longer ones,
/// at any offset, with ordinary and odd values, with states of each precision and every pass that
/// reaches the loop, and compares all bits. Run it in JVMs with `-Dlanewise.vectorBits=128` and
/// `256` too.
public final class RuleCheck {
  private static final float[] ODD = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    Float.MAX_VALUE,
    1e-25f,
    -1e25f
  };

  private static final StatePrecision[] PRECISIONS = StatePrecision.values();

  private static final int STEPS = 7;

  private RuleCheck() {}

  /// Requires that the rule's loop and the twin give the same bits.
  ///
  /// @param rule the rule with its loop
  /// @param twin what the loop does to one element; it sees the same scalars
  /// @param seed of the values
  /// @throws AssertionError if they differ, with the first element that does
  public static void requireSame(UpdateRule rule, UpdateLoop.Element twin, long seed) {
    UpdateRule inScalars = new WithLoop(rule, UpdateLoop.ofElements(twin));
    Random random = new Random(seed);
    for (int n = 0; n < 70; n++) {
      compare(rule, inScalars, n, random, n % 2 == 0);
    }
    compare(rule, inScalars, 1009, random, true);
    compare(rule, inScalars, 5000, random, false);
  }

  private static void compare(
      UpdateRule rule, UpdateRule twin, int n, Random random, boolean isOdd) {
    int offset = random.nextInt(16);
    long seed = random.nextLong();
    Passes passes = Passes.NONE.withStatePrecision(PRECISIONS[random.nextInt(PRECISIONS.length)]);
    Passes chosen = random.nextBoolean() ? passes.withClipValue(0.5) : passes;
    try (Arena arena = Arena.ofConfined()) {
      StateDict expected = run(arena, twin, n, offset, new Random(seed), isOdd, chosen);
      StateDict actual = run(arena, rule, n, offset, new Random(seed), isOdd, chosen);
      for (String name : expected.names()) {
        FloatArray a = expected.get(name).values();
        FloatArray b = actual.get(name).values();
        for (long i = 0; i < a.length(); i++) {
          if (Float.floatToIntBits(a.get(i)) != Float.floatToIntBits(b.get(i))) {
            throw new AssertionError(
                "%s, element %d of %d: the twin has %s, the loop has %s"
                    .formatted(name, i, n, a.get(i), b.get(i)));
          }
        }
      }
    }
  }

  /// Some steps; returns the parameters, what surrounds them, and the states.
  private static StateDict run(
      Arena arena,
      UpdateRule rule,
      int n,
      int offset,
      Random random,
      boolean isOdd,
      Passes passes) {
    FloatArray whole = FloatArray.allocate(arena, offset + n + 17L).fill(3f);
    FloatArray value = whole.slice(offset, n);
    FloatArray gradient = FloatArray.allocate(arena, offset + n + 17L).slice(offset, n);
    fill(value, random, isOdd);
    Parameter parameter = new Parameter("w", Shape.of(n), value, gradient);
    Optimizer optimizer = Optimizer.of(arena, List.of(parameter), rule, passes);
    ParameterGroup group = optimizer.groups().getFirst();
    group.set("maximize", random.nextBoolean() ? 1 : 0);
    group.set("weightDecay", 0.25);
    group.set("decoupledWeightDecay", random.nextBoolean() ? 1 : 0);
    for (int step = 0; step < STEPS; step++) {
      fill(gradient, random, isOdd);
      optimizer.step();
    }
    return new StateDict()
        .put("the parameters and their surroundings", Shape.of(whole.length()), whole)
        .putAll("state ", optimizer.stateDict(arena));
  }

  private static void fill(FloatArray array, Random random, boolean isOdd) {
    for (long i = 0; i < array.length(); i++) {
      boolean odd = isOdd && random.nextInt(6) == 0;
      array.set(i, odd ? ODD[random.nextInt(ODD.length)] : (float) random.nextGaussian());
    }
  }

  /// A rule with another loop.
  private record WithLoop(UpdateRule rule, UpdateLoop loop) implements UpdateRule {
    @Override
    public String name() {
      return rule.name();
    }

    @Override
    public List<Setting> settings() {
      return rule.settings();
    }

    @Override
    public List<State> states() {
      return rule.states();
    }

    @Override
    public int scalarCount() {
      return rule.scalarCount();
    }

    @Override
    public List<Memory> memory() {
      return rule.memory();
    }

    @Override
    public Decay decay(UpdateSettings settings) {
      return rule.decay(settings);
    }

    @Override
    public void check(UpdateSettings settings) {
      rule.check(settings);
    }

    @Override
    public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
      rule.scalars(settings, t, memory, c);
    }
  }
}
