package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.Guarded;
import io.github.lanewise.properties.support.ShapeCheck;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every activation in every shape: each element of the result depends on its own input alone.
class ActivationShapesTest {
  static List<Op> ops() {
    return Ops.all();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void forwardWritesItsOwnElementsWhateverTheLengthAndOffset(Op op) {
    ShapeCheck.requireForward(op.name(), op.activation()::forward, op.activation()::forward);
  }

  @ParameterizedTest
  @MethodSource("ops")
  void backwardWritesItsOwnElementsWhateverTheLengthAndOffset(Op op) {
    Activation activation = op.activation();
    float[] x = ShapeCheck.sample(2);
    float[] saved = activation.savesOutput() ? ShapeCheck.oneByOne(activation::forward, x) : x;
    float[] gy = ShapeCheck.sample(3);
    float[] gx = oneByOne(op, saved, gy);
    for (int n = 0; n <= ShapeCheck.LONGEST; n++) {
      for (int offset = 0; offset < ShapeCheck.OFFSETS; offset++) {
        try (Arena arena = Arena.ofConfined()) {
          Guarded savedInput = Guarded.of(arena, offset, Arrays.copyOf(saved, n));
          Guarded gradient =
              Guarded.of(arena, (offset * 5 + 1) % ShapeCheck.OFFSETS, Arrays.copyOf(gy, n));
          Guarded output = Guarded.blank(arena, (offset * 7 + 3) % ShapeCheck.OFFSETS, n);
          float[] expected = Arrays.copyOf(gx, n);
          String what = op + " backward, n = " + n + ", offset " + offset;
          activation.backward(savedInput.array(), gradient.array(), output.array());
          ShapeCheck.requireResult(what, expected, output);
          ShapeCheck.requireResult(what + ", saved", Arrays.copyOf(saved, n), savedInput);
          ShapeCheck.requireResult(what + ", gy", Arrays.copyOf(gy, n), gradient);
          activation.backward(savedInput.array(), gradient.array(), gradient.array());
          ShapeCheck.requireResult(what + ", in place of gy", expected, gradient);
          gradient.array().copyFrom(Arrays.copyOf(gy, n));
          activation.backward(savedInput.array(), gradient.array(), savedInput.array());
          ShapeCheck.requireResult(what + ", in place of saved", expected, savedInput);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void overlapInPartIsRefused(Op op) {
    int n = ShapeCheck.LONGEST;
    try (Arena arena = Arena.ofConfined()) {
      FloatArray memory = FloatArray.allocate(arena, 2L * n);
      FloatArray other = FloatArray.allocate(arena, n);
      for (int shift = 1; shift < n; shift++) {
        FloatArray x = memory.slice(0, n);
        FloatArray y = memory.slice(shift, n);
        assertRefused("y overlaps x", () -> op.activation().forward(x, y));
        assertRefused("y overlaps x", () -> op.activation().forward(y, x));
        assertRefused("gx overlaps saved", () -> op.activation().backward(x, other, y));
        assertRefused("gx overlaps gy", () -> op.activation().backward(other, y, x));
      }
      op.activation().forward(memory.slice(0, n), memory.slice(n, n));
    }
  }

  private static void assertRefused(String what, Runnable call) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(
        what + " in part; it may be the same array or a separate one", refusal.getMessage());
  }

  private static float[] oneByOne(Op op, float[] saved, float[] gy) {
    float[] gx = new float[gy.length];
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < gy.length; i++) {
        FloatArray one = FloatArray.allocate(arena, 1);
        op.activation().backward(FloatArray.of(arena, saved[i]), FloatArray.of(arena, gy[i]), one);
        gx[i] = one.get(0);
      }
    }
    return gx;
  }
}
