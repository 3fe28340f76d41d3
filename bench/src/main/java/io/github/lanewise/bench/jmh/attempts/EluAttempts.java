package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Expm1;
import io.github.lanewise.core.math.Tanh;
import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/// ELU of alpha 1, target 0.8 ns per element at n = 65536.
///
/// Figures: AMD EPYC (Zen 4), 512-bit vectors, JDK 25.0.3, best of two forks, ns per element: 1.
/// 0.37, 2. 1.72, 3. 0.27, 4. 0.52. PyTorch: 1.36. Verdict: the target is reached, also with
/// 256-bit vectors but for a twentieth (0.84 on Zen 3; PyTorch 2.5). An exponential that cancels
/// is no ELU.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class EluAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();

  /// 1. What is shipped, without its factors: expm1 where x is negative: 0.87 ulp.
  @Benchmark
  public void shipped1Expm1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      shipped(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector shipped(FloatVector x) {
    return Expm1.expm1(x).blend(x, x.compare(GT, 0f));
  }

  /// 2. The same, two vectors a turn.
  @Benchmark
  public void lost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = shipped(x0);
      FloatVector y1 = shipped(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. exp(x) - 1: cancels near 0.
  @Benchmark
  public void lost3Exp(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      ofExp(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofExp(FloatVector x) {
    return Exp.expNonPositive(x).sub(1f).blend(x, x.compare(GT, 0f));
  }

  /// 4. 2t / (1 - t), t = tanh(x / 2): nothing cancels, but a second division.
  @Benchmark
  public void lost4Tanh(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      ofTanh(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofTanh(FloatVector x) {
    FloatVector t = Tanh.tanh(x.mul(0.5f));
    return t.add(t).div(FloatVector.broadcast(F, 1f).sub(t)).blend(x, x.compare(GT, 0f));
  }
}
