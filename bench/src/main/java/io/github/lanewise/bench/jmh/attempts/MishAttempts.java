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

/// Mish, target 0.8 ns per element at n = 65536.
///
/// Figures: AMD EPYC (Zen 4), 512-bit vectors, JDK 25.0.3, best of two forks, ns per element: 1.
/// 0.71, 2. 1.72, 3. 0.51, 4. 0.47, 5. 4.5. PyTorch: 3.8. Verdict: the target is reached with
/// 512-bit vectors, and missed with 256 (1.22 on Zen 3; PyTorch 7.3). What accuracy costs is a
/// third.
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

  /// 1. What is shipped: x n / (n + 2) in pairs of floats, corrected by its remainder: 1.48 ulp.
  @Benchmark
  public void shipped1Corrected(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      Mish.mish(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
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
      FloatVector y0 = Mish.mish(x0);
      FloatVector y1 = Mish.mish(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x n / (n + 2) in plain operations: 3.9 ulp, and a shorter left tail.
  @Benchmark
  public void lost3Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      plain(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector plain(FloatVector x) {
    FloatVector e = Exp.exp(x.blend(20f, x.compare(GT, 20f)));
    FloatVector n = e.fma(e, e.add(e));
    return x.mul(n).div(n.add(2f));
  }

  /// 4. x - 2 x / (n + 2): one product less, and cancels on the left.
  @Benchmark
  public void lost4Reciprocal(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      reciprocal(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector reciprocal(FloatVector x) {
    FloatVector e = Exp.exp(x.blend(20f, x.compare(GT, 20f)));
    return x.sub(x.add(x).div(e.fma(e, e.add(e)).add(2f)));
  }

  /// 5. The formula as it stands: an exponential, a logarithm and a hyperbolic tangent.
  @Benchmark
  public void lost5Formula(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      formula(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector formula(FloatVector x) {
    FloatVector log = Log1p.log1p(Exp.exp(x.blend(20f, x.compare(GT, 20f))));
    return x.mul(Tanh.tanh(log));
  }
}
