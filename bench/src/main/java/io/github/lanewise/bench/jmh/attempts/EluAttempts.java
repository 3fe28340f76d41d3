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

/// Ways to compute ELU with alpha = 1, with a target of 0.8 ns per element at n = 65536.
///
/// Idea: exp(x) - 1 for negative x, by expm1 or by something cheaper.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | PyTorch |
/// |---|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 4), 512-bit vectors | 0.37 | 1.72 | 0.27 | 0.52 | 1.36 |
/// | AMD EPYC (Zen 3), 256-bit vectors | 0.84 | | | | 2.5 |
///
/// Verdict: 1 is shipped. It reaches the target with 512-bit vectors, and misses it by a twentieth
/// with 256-bit ones. Attempt 3 is faster, but loses every digit near 0, where the difference from
/// 1 cancels.
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

  /// 1. Shipped, but for the factors of other alphas: expm1 where x is negative. Error 0.87 ulp.
  @Benchmark
  public void shipped1Expm1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      shipped(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector shipped(FloatVector x) {
    return Expm1.expm1(x).blend(x, x.compare(GT, 0f));
  }

  /// 2. The same, with two vectors in each turn of the loop.
  @Benchmark
  public void lost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Lanes.requireNative(y);
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
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofExp(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofExp(FloatVector x) {
    return Exp.expNonPositive(x).sub(1f).blend(x, x.compare(GT, 0f));
  }

  /// 4. 2t / (1 - t) with t = tanh(x / 2): nothing cancels, but there is a second division.
  @Benchmark
  public void lost4Tanh(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofTanh(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofTanh(FloatVector x) {
    FloatVector t = Tanh.tanh(x.mul(0.5f));
    return t.add(t).div(FloatVector.broadcast(F, 1f).sub(t)).blend(x, x.compare(GT, 0f));
  }
}
