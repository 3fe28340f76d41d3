package io.github.lanewise.core;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Loops on states in bfloat16, which are made out of those on states in float32.
class UpdateLoopTest {
  @Test
  void everyRuleHasALoopOnStatesInBfloat16() throws IllegalAccessException {
    List<String> without = new ArrayList<>();
    int rules = 0;
    for (Field field : Updates.class.getFields()) {
      if (field.get(null) instanceof UpdateLoop loop) {
        rules++;
        if (loop.on(StatePrecision.BFLOAT16) == null) {
          without.add(field.getName());
        }
      }
    }
    assertEquals(List.of(), without, "rules whose states are converted before and after");
    assertTrue(rules > 20, rules + " rules in Updates");
  }

  /// Whether a loop has such a form or not, its bits are those of a function of one element.
  @ParameterizedTest
  @ValueSource(
      strings = {"plain", "inAnotherOrder", "byProduct", "throughMethod", "renamed", "twoOffsets"})
  void aLoopOfAnyShapeGivesTheSameBits(String name) {
    UpdateLoop loop = UpdateLoop.of(MethodHandles.lookup(), name);
    UpdateLoop element = UpdateLoop.ofElements(UpdateLoopTest::element);
    for (int n : new int[] {1, 16, 31, 129, 5000}) {
      assertArrayEquals(run(element, n), run(loop, n), name + ", " + n + " elements");
    }
  }

  @Test
  void onlyALoopThatAddsOneOffsetToEachAddressHasSuchAForm() {
    for (String name : List.of("plain", "inAnotherOrder")) {
      assertNotNull(form(name), name);
    }
    for (String name : List.of("byProduct", "throughMethod", "renamed", "twoOffsets")) {
      assertNull(form(name), name);
    }
  }

  @Test
  void statesAreTheNearestOfBfloat16AndNaNStaysNaN() {
    float tie = 1 + 0x1p-8f;
    float[] values = {tie, Math.nextDown(tie), -tie, Float.MAX_VALUE, bits(0x7FFFFFFF), bits(-1)};
    float[] expected = {
      1 + 0x1p-7f, 1, -1 - 0x1p-7f, Float.POSITIVE_INFINITY, Float.NaN, Float.NaN
    };
    try (Arena arena = Arena.ofConfined()) {
      UpdateState state =
          UpdateState.allocate(
              arena, StatePrecision.BFLOAT16, List.of(UpdateRule.State.of("s")), values.length);
      state.write(0, 0, FloatArray.of(arena, values));
      FloatArray read = FloatArray.allocate(arena, values.length);
      state.read(0, 0, read);
      assertArrayEquals(expected, read.toArray());
    }
  }

  private static void element(float[] x, float[] c) {
    x[2] = 0.5f * x[2] + x[1];
    x[0] += x[2];
  }

  private static float bits(int bits) {
    return Float.intBitsToFloat(bits);
  }

  private static Object form(String name) {
    return UpdateLoop.of(MethodHandles.lookup(), name).on(StatePrecision.BFLOAT16);
  }

  /// Parameters and states after three steps.
  private static float[] run(UpdateLoop loop, int n) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, n);
      FloatArray g = FloatArray.allocate(arena, n);
      for (int i = 0; i < n; i++) {
        g.set(i, (float) Math.sin(i));
      }
      UpdateState states =
          UpdateState.allocate(
              arena, StatePrecision.BFLOAT16, List.of(UpdateRule.State.of("s")), n);
      UpdateRun run = UpdateRun.of(loop, p, g, states, 0);
      for (int t = 0; t < 3; t++) {
        run.step(0, n, new UpdateScalars(1));
      }
      float[] both = Arrays.copyOf(p.toArray(), 2 * n);
      FloatArray read = FloatArray.allocate(arena, n);
      states.read(0, 0, read);
      System.arraycopy(read.toArray(), 0, both, n, n);
      return both;
    }
  }

  private static final VectorSpecies<Float> F = Lanes.F;

  static void plain(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i << 2;
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN)
          .add(s1)
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// Other vectors lie on the stack while the state is loaded, and the address begins with o.
  static void inAnotherOrder(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    for (int i = 0; i < n; i += F.length()) {
      if (!s.isNative()) {
        throw new IllegalArgumentException("heap");
      }
      long o = (long) i << 2;
      FloatVector s1 =
          fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN)
              .add(fromMemorySegment(F, s, o + sByteOffset, LITTLE_ENDIAN).mul(0.5f));
      fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN)
          .add(s1)
          .intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
      s1.intoMemorySegment(s, o + sByteOffset, LITTLE_ENDIAN);
    }
  }

  static void byProduct(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i * Float.BYTES;
      turn(
              p,
              pByteOffset + o,
              g,
              gByteOffset + o,
              fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN))
          .intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void throughMethod(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i << 2;
      turn(p, pByteOffset + o, g, gByteOffset + o, load(s, sByteOffset + o))
          .intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void renamed(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    MemorySegment states = s;
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i << 2;
      turn(p, pByteOffset + o, g, gByteOffset + o, load(states, sByteOffset + o))
          .intoMemorySegment(states, sByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void twoOffsets(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long sStrideBytes,
      int n,
      float scale,
      float shrink,
      float[] c) {
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i << 2;
      long q = (long) i << 2;
      turn(
              p,
              pByteOffset + o,
              g,
              gByteOffset + o,
              fromMemorySegment(F, s, sByteOffset + q, LITTLE_ENDIAN))
          .intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
    }
  }

  private static FloatVector load(MemorySegment s, long byteOffset) {
    return fromMemorySegment(F, s, byteOffset, LITTLE_ENDIAN);
  }

  /// Moves a vector of parameters; returns the state that moves it.
  private static FloatVector turn(
      MemorySegment p, long pByteOffset, MemorySegment g, long gByteOffset, FloatVector s0) {
    FloatVector s1 = s0.mul(0.5f).add(load(g, gByteOffset));
    load(p, pByteOffset).add(s1).intoMemorySegment(p, pByteOffset, LITTLE_ENDIAN);
    return s1;
  }
}
