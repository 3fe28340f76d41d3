package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Log1p;
import io.github.lanewise.core.math.Mish;
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

/// Ways to compute mish, with a target of 0.8 ns per element at n = 65536.
///
/// Idea: with e = exp(x) and n = e (e + 2), mish(x) = x n / (n + 2) needs one exponential and one
/// division.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | 5 | PyTorch |
/// |---|--:|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 4), 512-bit vectors | 0.71 | 1.72 | 0.51 | 0.47 | 4.5 | 3.8 |
/// | AMD EPYC (Zen 3), 256-bit vectors | 1.22 | | | | | 7.3 |
///
/// Verdict: 1 is shipped. It reaches the target with 512-bit vectors and misses it with 256-bit
/// ones; accuracy takes a third of its time.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class MishAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();

  /// 1. Shipped: n and n + 2 are pairs of floats, and the quotient is corrected by its remainder.
  /// Error 1.48 ulp.
  @Benchmark
  public void shipped1Corrected(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      Mish.mish(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
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
      FloatVector y0 = Mish.mish(x0);
      FloatVector y1 = Mish.mish(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x n / (n + 2) in plain operations. Error 3.9 ulp, and 0 for some negative x where mish is
  /// not.
  @Benchmark
  public void lost3Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      plain(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector plain(FloatVector x) {
    FloatVector e = Exp.exp(x.blend(20f, x.compare(GT, 20f)));
    FloatVector n = e.fma(e, e.add(e));
    return x.mul(n).div(n.add(2f));
  }

  /// 4. x - 2 x / (n + 2): one multiplication fewer, but it cancels for negative x.
  @Benchmark
  public void lost4Reciprocal(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      reciprocal(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector reciprocal(FloatVector x) {
    FloatVector e = Exp.exp(x.blend(20f, x.compare(GT, 20f)));
    return x.sub(x.add(x).div(e.fma(e, e.add(e)).add(2f)));
  }

  /// 5. The definition, x tanh(log(1 + exp(x))), with its three functions.
  @Benchmark
  public void lost5Formula(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      formula(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector formula(FloatVector x) {
    FloatVector log = Log1p.log1p(Exp.exp(x.blend(20f, x.compare(GT, 20f))));
    return x.mul(Tanh.tanh(log));
  }
}
