package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.bench.accuracy.Oracle;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.function.Executable;

/// The gated linear unit of generated rows against double precision.
class GluTest {
  /// A sigmoid's ulp and a rounding; the ulp of a subnormal sigmoid is 2^-149.
  private static final double ULP = 2;

  /// Of gy a: s (1 - s) from a rounded s, as the slope of a sigmoid.
  private static final double GATE_ERROR = 0x1p-22;

  @Property(tries = 1000)
  void bothPassesAreThoseOfDoublePrecision(
      @ForAll @IntRange(min = 1, max = 7) int rows,
      @ForAll @IntRange(min = 1, max = 140) int cols,
      @ForAll @IntRange(max = 2) int magnitude,
      @ForAll @IntRange(max = 15) int offset,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, 2 * rows * cols, Math.pow(10, magnitude));
    float[] gy = Samples.normal(seed + 1, rows * cols, 1);
    try (Arena arena = Arena.ofConfined()) {
      Guarded input = Guarded.of(arena, offset, x);
      Guarded output = Guarded.blank(arena, 15 - offset, gy.length);
      Guarded outputGradient = Guarded.of(arena, 3, gy);
      Guarded gradient = Guarded.blank(arena, 15 - offset, x.length);
      Glu.forward(input.array(), output.array(), rows, cols);
      Glu.backward(input.array(), outputGradient.array(), gradient.array(), rows, cols);
      for (int i = 0; i < gy.length; i++) {
        int at = i / cols * 2 * cols + i % cols;
        double a = x[at];
        double s = Oracle.sigmoid(x[at + cols]);
        double tail = Math.abs(a) * 0x1p-149;
        Verdict.within("y", x[at], a * s, output.array().get(i), ULP * Ulps.unit(a * s) + tail);
        double ga = gy[i] * s;
        double gaTail = Math.abs(gy[i]) * 0x1p-149;
        Verdict.within("ga", x[at], ga, gradient.array().get(at), ULP * Ulps.unit(ga) + gaTail);
        double gb = gy[i] * a * s * (1 - s);
        double bound = GATE_ERROR * Math.abs(gy[i] * a) + 0x1p-149;
        Verdict.within("gb", x[at + cols], gb, gradient.array().get(at + cols), bound);
      }
      output.assertSentinelsIntact("forward");
      gradient.assertSentinelsIntact("backward");
      Verdict.sameBits("x", x, input.values());
      Glu.backward(input.array(), outputGradient.array(), input.array(), rows, cols);
      Verdict.sameBits("gx in place", gradient.values(), input.values());
    }
  }

  /// What PyTorch 2.13 gives in float32.
  @Example
  void valuesAndGradientsAreThoseOfPyTorch() {
    float inf = Float.POSITIVE_INFINITY;
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 1, -2, 0.5f, 100, 1, 2, inf, -1, inf, 1, -inf, inf);
      FloatArray gy = FloatArray.of(arena, 1, 2, 1, 4, 1, 1);
      FloatArray y = FloatArray.allocate(arena, 6);
      Glu.forward(x, y, 3, 2);
      assertClose(new float[] {0.62245935f, -2, 1, 0.53788286f, Float.NaN, 1}, y);
      Glu.backward(x, gy, x, 3, 2);
      assertClose(
          new float[] {
            0.62245935f, 2, 0.2350037f, 0, 1, 1.0757657f, 0, 1.5728955f, 0, 1, Float.NaN, 0
          },
          x);
    }
  }

  @Example
  void misuseIsNamedAndNothingIsWritten() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray x = FloatArray.of(arena, 1, 2, 3, 4, 5, 6, 7, 8);
      FloatArray y = FloatArray.of(arena, 1, 2, 3, 4);
      FloatArray gx = FloatArray.of(arena, 1, 2, 3, 4, 5, 6, 7, 8);
      refused("x has 8 elements, the shape asks for 2 x 2", () -> Glu.forward(x, y, 2, 1));
      refused(
          "y has 3 elements, the shape asks for 2 x 2", () -> Glu.forward(x, y.slice(0, 3), 2, 2));
      refused("y overlaps x", () -> Glu.forward(x, x.slice(2, 4), 2, 2));
      refused(
          "gy has 3 elements, the shape asks for 2 x 2",
          () -> Glu.backward(x, y.slice(0, 3), gx, 2, 2));
      refused("gx has 4 elements, x has 8", () -> Glu.backward(x, y, gx.slice(0, 4), 2, 2));
      refused("gx overlaps gy", () -> Glu.backward(x, gx.slice(4, 4), gx, 2, 2));
      Verdict.sameBits("x", new float[] {1, 2, 3, 4, 5, 6, 7, 8}, x.toArray());
      Verdict.sameBits("y", new float[] {1, 2, 3, 4}, y.toArray());
      Verdict.sameBits("gx", x.toArray(), gx.toArray());
      NullPointerException missing =
          assertThrows(NullPointerException.class, () -> Glu.backward(x, null, gx, 2, 2));
      assertEquals("gy is null", missing.getMessage());
    }
    refused("glu halves its features, but gets 5", () -> Glu.LAYER.outputs(5));
  }

  private static void assertClose(float[] expected, FloatArray actual) {
    for (int i = 0; i < expected.length; i++) {
      double bound = 2e-7 * Math.abs(expected[i]);
      Verdict.within("element " + i, i, expected[i], actual.get(i), bound);
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
