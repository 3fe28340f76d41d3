package io.github.lanewise.core;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.update.LoopForm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The forms of a loop, which are made out of its class file.
class UpdateLoopTest {
  private static final VectorSpecies<Float> F = Lanes.F;

  private static final LoopForm BFLOAT16 = LoopForm.of(true, false, false);
  private static final LoopForm CLIPPED = LoopForm.of(false, true, false);
  private static final LoopForm DECAYED = LoopForm.of(false, false, true);

  /// Adan has four states: with one more thing to do it would not fit C1.
  @Test
  void rulesHaveAllForms() throws IllegalAccessException {
    List<String> without = new ArrayList<>();
    int rules = 0;
    for (Field field : Updates.class.getFields()) {
      if (field.get(null) instanceof UpdateLoop loop) {
        rules++;
        for (int i = 0; i < LoopForm.COUNT; i++) {
          LoopForm form = LoopForm.of((i & 1) != 0, (i & 2) != 0, (i & 4) != 0);
          if (loop.form(form) == null) {
            without.add(field.getName() + " as " + form);
          }
        }
      }
    }
    assertEquals(
        List.of(
            "ADAN as LoopForm[isBfloat16=true, isClipped=true, isDecayed=false]",
            "ADAN as LoopForm[isBfloat16=true, isClipped=true, isDecayed=true]"),
        without,
        "forms that cannot be made");
    assertTrue(rules > 20, rules + " rules in Updates");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "inAnotherOrder", "orderInVariable", "scaledTwice"})
  void aLoopLikeOursHasAllForms(String name) {
    assertEquals(List.of(BFLOAT16, CLIPPED, DECAYED), forms(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "byProduct",
        "throughMethod",
        "twoOffsets",
        "offsetChanges",
        "addressInVariable",
        "addressInParts",
        "maskedState",
        "intState"
      })
  void aLoopThatAddressesItsStatesInOtherWaysIsForFloat32(String name) {
    assertEquals(List.of(CLIPPED, DECAYED), forms(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"renamed", "twoVectors"})
  void aLoopThatMayLoadItsParametersMoreThanOnceIsOnlyClipped(String name) {
    assertEquals(List.of(CLIPPED), forms(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"scaledLater", "factorUsedAgain"})
  void aLoopThatDoesNotScaleItsGradientAtOnceChangesNoGradient(String name) {
    assertEquals(List.of(BFLOAT16), forms(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gradientFirst", "parametersChangeFirst", "parametersThroughMethod"})
  void thePenaltyNeedsTheParametersAsTheyWereBeforeTheGradient(String name) {
    assertEquals(List.of(BFLOAT16, CLIPPED), forms(name));
  }

  private static List<LoopForm> forms(String name) {
    UpdateLoop loop = UpdateLoop.of(MethodHandles.lookup(), name);
    return Stream.of(BFLOAT16, CLIPPED, DECAYED).filter(form -> loop.form(form) != null).toList();
  }

  /// Whatever forms a loop has, its bits are those of a function of one element.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "inAnotherOrder",
        "orderInVariable",
        "gradientFirst",
        "parametersChangeFirst",
        "offsetChanges",
        "scaledLater",
        "scaledTwice",
        "factorUsedAgain",
        "byProduct",
        "throughMethod",
        "renamed",
        "twoOffsets",
        "addressInVariable",
        "addressInParts",
        "maskedState",
        "intState",
        "twoVectors",
        "parametersThroughMethod"
      })
  void aLoopOfAnyShapeGivesTheSameBits(String name) {
    UpdateLoop loop = UpdateLoop.of(MethodHandles.lookup(), name);
    UpdateLoop element = UpdateLoop.ofElements(UpdateLoopTest::element);
    for (int n : new int[] {1, 16, 31, 129, 2500}) {
      for (StatePrecision precision : StatePrecision.values()) {
        for (double clip : new double[] {Double.POSITIVE_INFINITY, 0.75}) {
          for (double decay : new double[] {0, 0.25}) {
            UpdateScalars at = new UpdateScalars(1).gradient(2, clip, true, decay);
            at.shrink(n == 31 ? 0.75 : 1);
            assertArrayEquals(
                run(element, n, precision, at),
                run(loop, n, precision, at),
                "%s, %d elements, %s, clip %s, decay %s"
                    .formatted(name, n, precision, clip, decay));
          }
        }
      }
    }
  }

  private static void element(float[] x, float[] c) {
    x[2] = 0.5f * x[2] + x[1];
    x[0] += x[2];
  }

  /// Parameters and states after three steps.
  private static float[] run(UpdateLoop loop, int n, StatePrecision precision, UpdateScalars at) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray p = FloatArray.allocate(arena, n);
      FloatArray g = FloatArray.allocate(arena, n);
      for (int i = 0; i < n; i++) {
        p.set(i, (float) Math.cos(i));
        g.set(i, (float) Math.sin(i));
      }
      UpdateState states =
          UpdateState.allocate(arena, precision, List.of(UpdateRule.State.of("s")), n);
      UpdateRun run = UpdateRun.of(loop, p, g, states, 0);
      for (int t = 0; t < 3; t++) {
        run.step(0, n, at);
      }
      float[] both = Arrays.copyOf(p.toArray(), 2 * n);
      FloatArray read = FloatArray.allocate(arena, n);
      states.read(0, 0, read);
      System.arraycopy(read.toArray(), 0, both, n, n);
      return both;
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

  private static float bits(int bits) {
    return Float.intBitsToFloat(bits);
  }

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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void orderInVariable(
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
    ByteOrder order = LITTLE_ENDIAN;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(p, s);
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, order).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, order).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, order).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, order);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, order);
    }
  }

  /// Another vector lies on the stack while the state is loaded, and addresses begin with o.
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = g0.add(fromMemorySegment(F, s, o + sByteOffset, LITTLE_ENDIAN).mul(0.5f));
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
      s1.intoMemorySegment(s, o + sByteOffset, LITTLE_ENDIAN);
    }
  }

  static void gradientFirst(
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
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void parametersChangeFirst(
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      p0 = p0.neg();
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.neg().add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void offsetChanges(
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      o -= pByteOffset;
      o += pByteOffset;
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void scaledLater(
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN);
      FloatVector s1 =
          fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0.mul(scale));
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void scaledTwice(
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1 = s1.sub(g0).add(fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale));
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void factorUsedAgain(
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1 = s1.mul(scale).div(scale);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = load(s, sByteOffset + o).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 =
          fromMemorySegment(F, states, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(states, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + q, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void addressInVariable(
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
      long q = sByteOffset + o;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, q, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, q, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// Half of the offset lies in a variable, so that `o` alone is not all of it.
  static void addressInParts(
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
      long q = sByteOffset - i;
      long o = (long) i << 2;
      q += i;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, q + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, q + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void maskedState(
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
    VectorMask<Float> all = F.maskAll(true);
    for (int i = 0; i < n; i += F.length()) {
      long o = (long) i << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN, all);
      FloatVector s1 = s0.mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN, all);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  static void intState(
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
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      IntVector s0 = IntVector.fromMemorySegment(Lanes.I, s, sByteOffset + o, LITTLE_ENDIAN);
      FloatVector s1 = s0.reinterpretAsFloats().mul(0.5f).add(g0);
      s1.reinterpretAsInts().intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// Two vectors a turn; the last one twice, if their number is odd.
  static void twoVectors(
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
    for (int i = 0; i < n; i += 2 * F.length()) {
      long o = (long) i << 2;
      long q = (long) Math.min(i + F.length(), n - F.length()) << 2;
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN).mul(shrink);
      FloatVector p1 = fromMemorySegment(F, p, pByteOffset + q, LITTLE_ENDIAN).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector g1 = fromMemorySegment(F, g, gByteOffset + q, LITTLE_ENDIAN).mul(scale);
      FloatVector s0 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + q, LITTLE_ENDIAN).mul(0.5f).add(g1);
      s0.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      s1.intoMemorySegment(s, sByteOffset + q, LITTLE_ENDIAN);
      p0.add(s0).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
      p1.add(s1).intoMemorySegment(p, pByteOffset + q, LITTLE_ENDIAN);
    }
  }

  /// The second vector of the parameters comes out of a method.
  static void parametersThroughMethod(
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
      FloatVector zero = fromMemorySegment(F, p, pByteOffset, LITTLE_ENDIAN).mul(shrink);
      zero = zero.sub(zero);
      FloatVector p0 = load(p, pByteOffset + o).mul(shrink);
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector s1 = fromMemorySegment(F, s, sByteOffset + o, LITTLE_ENDIAN).mul(0.5f).add(g0);
      s1.intoMemorySegment(s, sByteOffset + o, LITTLE_ENDIAN);
      p0.add(s1).intoMemorySegment(p, pByteOffset + o, LITTLE_ENDIAN);
    }
  }

  private static void requireNative(MemorySegment p, MemorySegment s) {
    if (!p.isNative() || !s.isNative()) {
      throw new IllegalArgumentException("the memory is on the heap");
    }
  }

  private static FloatVector load(MemorySegment s, long byteOffset) {
    return fromMemorySegment(F, s, byteOffset, LITTLE_ENDIAN);
  }
}
