package io.github.lanewise.properties.update;

import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import java.util.Arrays;
import java.util.List;

/// An optimizer for one parameter in plain Java, with all passes: the twin of
/// [io.github.lanewise.optim.Optimizer].
final class ScalarPasses {
  private static final int BLOCK = 256;

  final float[] p;
  final float[][] states;
  final float[] average;
  final float[] compensation;

  private final UpdateRule rule;
  private final Shape shape;
  private final List<Boolean> nonNegative;
  private Passes passes;
  private double[] memory;
  private long steps;
  private int calls;
  long skipped;

  ScalarPasses(UpdateRule rule, Passes passes, float[] p) {
    this(rule, passes, p, Shape.of(p.length));
  }

  ScalarPasses(UpdateRule rule, Passes passes, float[] p, Shape shape) {
    this.rule = rule;
    this.passes = passes;
    this.p = p.clone();
    this.shape = shape;
    if (ScalarTensors.has(rule.name())) {
      List<ScalarTensors.State> all = ScalarTensors.states(rule.name(), shape);
      states = all.stream().map(s -> new float[(int) s.shape().elements()]).toArray(float[][]::new);
      nonNegative = all.stream().map(ScalarTensors.State::nonNegative).toList();
    } else {
      states = new float[rule.states().size()][p.length];
      nonNegative = rule.states().stream().map(UpdateRule.State::nonNegative).toList();
      for (int k = 0; k < states.length; k++) {
        Arrays.fill(states[k], rule.states().get(k).initial());
        quantise(k);
      }
    }
    average = new float[p.length];
    compensation = new float[p.length];
    memory = rule.memory().stream().mapToDouble(UpdateRule.Memory::initial).toArray();
  }

  /// A model in the same state, which goes on on its own.
  ScalarPasses copy() {
    ScalarPasses copy = new ScalarPasses(rule, passes, p, shape);
    for (int k = 0; k < states.length; k++) {
      System.arraycopy(states[k], 0, copy.states[k], 0, states[k].length);
    }
    System.arraycopy(average, 0, copy.average, 0, p.length);
    System.arraycopy(compensation, 0, copy.compensation, 0, p.length);
    copy.memory = memory.clone();
    copy.steps = steps;
    copy.calls = calls;
    return copy;
  }

  /// How many steps have changed the parameter.
  long steps() {
    return steps;
  }

  /// Other limits of the gradient, from the next step on.
  void limit(double maxNorm, double clipValue) {
    passes = passes.withMaxNorm(maxNorm).withClipValue(clipValue);
  }

  /// One call of the optimizer's step that leaves this parameter out.
  void pass() {
    calls++;
  }

  /// One call of the optimizer's step.
  ///
  /// @param norm of the whole gradient, as the optimizer reports it
  void step(float[] g, UpdateSettings settings, double norm) {
    calls++;
    if (calls % passes.accumulatedSteps() != 0) {
      return;
    }
    if (passes.skipsNonFinite() && hasNonFinite(g)) {
      skipped++;
      return;
    }
    double scale = 1.0 / passes.accumulatedSteps();
    if (passes.maxNorm() != Double.POSITIVE_INFINITY) {
      scale *= Math.min(1, passes.maxNorm() / (norm + 1e-6));
    }
    steps++;
    float[] exact = exact();
    float[] seen = new float[g.length];
    for (int i = 0; i < g.length; i++) {
      seen[i] = clamp(g[i] * (float) scale, (float) passes.clipValue());
    }
    if (ScalarTensors.has(rule.name())) {
      wholeStep(exact, seen, settings);
    } else {
      elementSteps(exact, seen, settings);
    }
    double weight = averageWeight();
    for (int i = 0; i < p.length; i++) {
      p[i] = parameter(exact[i], i);
      if (!Double.isNaN(weight)) {
        average[i] = lerp(average[i], p[i], (float) weight);
      }
    }
    for (int k = 0; k < states.length; k++) {
      quantise(k);
    }
  }

  /// The parameters with what their rounding left.
  private float[] exact() {
    float[] exact = p.clone();
    if (passes.parameterPrecision() == ParameterPrecision.BFLOAT16_COMPENSATED) {
      for (int i = 0; i < p.length; i++) {
        exact[i] += compensation[i];
      }
    }
    return exact;
  }

  private void elementSteps(float[] exact, float[] g, UpdateSettings settings) {
    double[] before = memory;
    for (int i = 0; i < p.length; i++) {
      float[] x = new float[2 + states.length];
      x[0] = exact[i];
      x[1] = g[i];
      for (int k = 0; k < states.length; k++) {
        x[2 + k] = states[k][i];
      }
      memory = before.clone();
      ScalarRules.of(rule.name()).step(x, settings, steps, memory);
      for (int k = 0; k < states.length; k++) {
        states[k][i] = x[2 + k];
      }
      exact[i] = x[0];
    }
  }

  private void wholeStep(float[] exact, float[] g, UpdateSettings settings) {
    for (int i = 0; i < g.length && settings.is("maximize"); i++) {
      g[i] = -g[i];
    }
    ScalarTensors.of(rule.name()).step(exact, g, states, shape, settings, steps);
    if (passes.parameterPrecision() == ParameterPrecision.BFLOAT16_COMPENSATED) {
      for (int i = 0; i < p.length; i++) {
        exact[i] += 0f; // what rounding left is added once more, and then it is 0
      }
    }
  }

  private static boolean hasNonFinite(float[] g) {
    for (float value : g) {
      if (!Float.isFinite(value)) {
        return true;
      }
    }
    return false;
  }

  private static float clamp(float x, float most) {
    return x > most ? most : x < -most ? -most : x;
  }

  private static float lerp(float a, float b, float weight) {
    return weight < 0.5f ? Math.fma(weight, b - a, a) : Math.fma(weight - 1, b - a, b);
  }

  private double averageWeight() {
    Averaging averaging = passes.averaging();
    if (averaging.kind() == Averaging.Kind.NONE || steps % averaging.every() != 0) {
      return Double.NaN;
    }
    long before = steps / averaging.every() - 1;
    if (before == 0) {
      return 1;
    }
    return averaging.kind() == Averaging.Kind.EQUAL ? 1.0 / (before + 1) : 1 - averaging.decay();
  }

  private float parameter(float exact, int i) {
    return switch (passes.parameterPrecision()) {
      case FLOAT32 -> exact;
      case BFLOAT16_COMPENSATED -> {
        float rounded = bfloat16(exact);
        compensation[i] = Float.isFinite(rounded) ? bfloat16(exact - rounded) : 0;
        yield rounded;
      }
      case BFLOAT16_AT_RANDOM -> {
        long mixed = (passes.seed() ^ (steps * 0x9E3779B97F4A7C15L)) * 0xBF58476D1CE4E5B9L;
        int key = (int) (mixed >>> 32) | 1;
        int h = (i * 0x9E3779B1) ^ key;
        h = (h ^ (h >>> 16)) * 0x85EBCA6B;
        h = (h ^ (h >>> 13)) * 0xC2B2AE35;
        int bits = (Float.floatToRawIntBits(exact) + (h >>> 16)) & 0xFFFF0000;
        yield Float.isNaN(exact) ? exact : Float.intBitsToFloat(bits);
      }
    };
  }

  /// To nearest, ties to even, by the distances to the numbers below and above. A difference of two
  /// floats so close is exact in double.
  private static float bfloat16(float x) {
    if (!Float.isFinite(x)) {
      return x;
    }
    float down = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0xFFFF0000);
    float up = Float.intBitsToFloat((Float.floatToRawIntBits(x) & 0xFFFF0000) + 0x10000);
    if (!Float.isFinite(up)) {
      // The next number would be 2^128.
      double half = (Math.abs((double) down) + 0x1p128) / 2;
      return Math.abs((double) x) < half ? down : up;
    }
    int order = Double.compare(Math.abs((double) x - down), Math.abs((double) up - x));
    boolean isDownEven = ((Float.floatToRawIntBits(down) >> 16) & 1) == 0;
    return order < 0 || (order == 0 && isDownEven) ? down : up;
  }

  /// To nearest, ties away from 0: adds half of the last place to the digits that are kept.
  private static float bfloat16State(float x) {
    if (!Float.isFinite(x)) {
      return x;
    }
    double place = 0x1p16 * Math.ulp(x);
    double size = Math.floor(Math.abs((double) x) / place + 0.5) * place;
    return Math.copySign((float) size, x);
  }

  /// Rounds a state to the precision in which it is kept.
  private void quantise(int k) {
    float[] state = states[k];
    if (passes.statePrecision() == StatePrecision.BFLOAT16) {
      for (int i = 0; i < state.length; i++) {
        state[i] = bfloat16State(state[i]);
      }
    } else if (passes.statePrecision() == StatePrecision.BLOCK8) {
      for (int from = 0; from < state.length; from += BLOCK) {
        int to = Math.min(from + BLOCK, state.length);
        float scale = 0;
        for (int i = from; i < to; i++) {
          float size = Math.abs(state[i]);
          scale = size > scale || Float.isNaN(size) ? size : scale;
        }
        for (int i = from; i < to; i++) {
          state[i] = eightBits(state[i], scale, nonNegative.get(k));
        }
      }
    }
  }

  /// The nearest part of the scale with 4 bits of mantissa, ties away from 0. The step between such
  /// parts is a power of two, so that the division and the product are exact in double, as is the
  /// sum of at most 27 bits.
  private static float eightBits(float x, float scale, boolean nonNegative) {
    if (!Float.isFinite(scale)) {
      return Float.NaN;
    }
    float part = scale == 0 ? x : x / scale;
    if (part == 0) {
      return x * 0f;
    }
    int exponent = Math.max(Math.getExponent(part), Float.MIN_EXPONENT);
    double step = Math.scalb(1.0, exponent - 3);
    double nearest = Math.floor(Math.abs((double) part) / step + 0.5) * step;
    double least = nonNegative ? Math.scalb(1.25, -32) : Math.scalb(1.25, -16);
    if (nearest < least) {
      nearest = nonNegative ? least : 0;
    }
    return Math.copySign((float) nearest * scale, part);
  }
}
