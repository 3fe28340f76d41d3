package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Platform;
import io.github.lanewise.core.Setting;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.RuleCheck;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;

/// A rule of somebody else, outside the library's modules: a loop on vectors, held against its
/// twin, with everything that an optimizer offers.
class OwnRuleTest {
  /// m = lerp(m, g, 1 - beta), p -= lr m / (1 + abs(m)).
  record Softened(UpdateLoop loop) implements UpdateRule {
    @Override
    public String name() {
      return "softened";
    }

    @Override
    public List<Setting> settings() {
      return List.of(
          Setting.atLeastZero("lr", 0.01), new Setting("beta", 0.9, Setting.Kind.BELOW_ONE));
    }

    @Override
    public List<State> states() {
      return List.of(State.of("mean"));
    }

    @Override
    public void scalars(UpdateSettings settings, long t, double[] memory, float[] c) {
      c[0] = (float) -settings.get("lr");
      c[1] = (float) (1 - settings.get("beta"));
    }
  }

  /// The loop on vectors, and the same for one element.
  static final class SoftenedLoop {
    private static final VectorSpecies<Float> F =
        VectorSpecies.of(float.class, VectorShape.forBitSize(Platform.vectorBits()));

    static final UpdateLoop ON_VECTORS = UpdateLoop.of(MethodHandles.lookup(), "step");

    private SoftenedLoop() {}

    static void step(
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
      ByteOrder order = ByteOrder.LITTLE_ENDIAN;
      FloatVector minusLr = FloatVector.broadcast(F, c[0]);
      FloatVector weight = FloatVector.broadcast(F, c[1]);
      for (int i = 0; i < n; i += F.length()) {
        requireNative(p, s);
        long o = (long) i << 2;
        FloatVector p0 = FloatVector.fromMemorySegment(F, p, pByteOffset + o, order).mul(shrink);
        FloatVector g0 = FloatVector.fromMemorySegment(F, g, gByteOffset + o, order).mul(scale);
        FloatVector m0 = FloatVector.fromMemorySegment(F, s, sByteOffset + o, order);
        FloatVector m = g0.sub(m0).fma(weight, m0);
        m.intoMemorySegment(s, sByteOffset + o, order);
        FloatVector d = m.lanewise(VectorOperators.ABS).add(1f);
        m.mul(minusLr).div(d).add(p0).intoMemorySegment(p, pByteOffset + o, order);
      }
    }

    private static void requireNative(MemorySegment p, MemorySegment s) {
      if (!p.isNative() || !s.isNative()) {
        throw new IllegalArgumentException("the memory is on the heap");
      }
    }

    /// x holds p, g and m.
    static void element(float[] x, float[] c) {
      x[2] = Math.fma(c[1], x[1] - x[2], x[2]);
      x[0] = x[2] * c[0] / (Math.abs(x[2]) + 1f) + x[0];
    }

    /// A loop that forgets the scale of the gradient.
    static void forgetful(float[] x, float[] c) {
      x[2] = Math.fma(c[1], x[1] - x[2], x[2]);
      x[0] = x[2] * c[0] / (Math.abs(x[2]) + 2f) + x[0];
    }
  }

  @Test
  void theLoopOnVectorsHasTheBitsOfItsTwin() {
    UpdateRule rule = new Softened(SoftenedLoop.ON_VECTORS);
    RuleCheck.requireSame(rule, SoftenedLoop::element, 1);
    AssertionError found =
        assertThrows(
            AssertionError.class, () -> RuleCheck.requireSame(rule, SoftenedLoop::forgetful, 1));
    assertTrue(found.getMessage().contains("the twin has"), found.getMessage());
  }

  @Test
  void itGetsEverythingThatAnOptimizerOffers() {
    Passes passes =
        Passes.NONE
            .withMaxNorm(1)
            .withAveraging(Averaging.exponential(0.9))
            .withStatePrecision(StatePrecision.BFLOAT16);
    UpdateLoop[] loops = {SoftenedLoop.ON_VECTORS, UpdateLoop.ofElements(SoftenedLoop::element)};
    float[][] results = new float[2][];
    for (int k = 0; k < 2; k++) {
      try (Arena arena = Arena.ofShared();
          ExecutorService executor = Executors.newFixedThreadPool(2)) {
        int n = 70_001;
        FloatArray p = FloatArray.of(arena, Samples.normal(1, n, 1));
        FloatArray g = FloatArray.of(arena, Samples.normal(2, n, 1));
        List<Parameter> parameters = List.of(new Parameter("w", Shape.of(n), p, g));
        Optimizer optimizer = Optimizer.of(arena, parameters, new Softened(loops[k]), passes);
        optimizer.step(executor, 2);
        optimizer.groups().getFirst().set("beta", 0.5);
        optimizer.setLearningRate(0.5);
        StateDict saved = optimizer.stateDict(arena);
        Optimizer resumed = Optimizer.of(arena, parameters, new Softened(loops[k]), passes);
        resumed.loadStateDict(saved, optimizer.metadata());
        assertEquals(0.5, resumed.groups().getFirst().get("beta"));
        resumed.step(executor, 2);
        resumed.evaluate();
        results[k] = p.toArray();
      }
    }
    for (int i = 0; i < results[0].length; i++) {
      assertEquals(results[0][i], results[1][i], "element " + i);
    }
  }

  @Test
  void aLoopThatDoesNotFitIsRefused() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> UpdateLoop.of(MethodHandles.lookup(), "noSuchMethod"));
    assertTrue(
        refusal.getMessage().contains("has no static method noSuchMethod("), refusal.getMessage());
  }
}
