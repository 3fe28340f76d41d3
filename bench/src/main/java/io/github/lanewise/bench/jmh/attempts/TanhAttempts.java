package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

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

/// tanh, target 0.35 ns per element at n = 65536.
///
/// Figures: AMD EPYC (Zen 3), 256-bit vectors, JDK 25.0.3, best of two forks, ns per element: 1.
/// 0.77, 2. 1.65, 3. 0.95, 4. 0.31, 5. 0.84. PyTorch: 3.1. Verdict: nothing with an exponential
/// beats 1. A fraction would reach the target, but not 1 ulp: above 1 the last two steps of its
/// numerator and of its denominator, x^2 and the quotient round half an ulp each, and to carry
/// them all costs what it saves. Zen 4, 512-bit vectors: 1. 0.39, 2. 1.23, 3. 0.47, 4. 0.29, 5.
/// 0.49. PyTorch: 2.5.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class TanhAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();
  private static final float SATURATED = 9.01f;

  /// 1. What is shipped: a polynomial below 1, 1 - 2 / (exp(2a) + 1) above: 0.97 ulp.
  @Benchmark
  public void shipped1TwoBranches(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      Tanh.tanh(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
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
      FloatVector y0 = Tanh.tanh(x0);
      FloatVector y1 = Tanh.tanh(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. d / (d + 2), d = exp(2x) - 1: one branch, two roundings more.
  @Benchmark
  public void lost3Expm1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      ofExpm1(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofExpm1(FloatVector x) {
    FloatVector c = limited(x);
    FloatVector d = Expm1.expm1(c.add(c));
    return d.div(d.add(2f));
  }

  /// 4. Lambert's fraction of degree 9 and 8: no exponential; 6e-4 at 8.
  @Benchmark
  public void lost4Fraction(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      fraction(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector fraction(FloatVector x) {
    FloatVector c = limited(x);
    FloatVector u = c.mul(c);
    FloatVector p =
        u.add(990f)
            .fma(u, FloatVector.broadcast(F, 135135f))
            .fma(u, FloatVector.broadcast(F, 4729725f))
            .fma(u, FloatVector.broadcast(F, 34459424f));
    FloatVector q =
        u.fma(45f, 13860f)
            .fma(u, FloatVector.broadcast(F, 945945f))
            .fma(u, FloatVector.broadcast(F, 16216200f))
            .fma(u, FloatVector.broadcast(F, 34459424f));
    return p.mul(c).div(q);
  }

  /// 5. 2 / (1 + exp(-2x)) - 1: cancels below 1.
  @Benchmark
  public void lost5Logistic(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      logistic(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector logistic(FloatVector x) {
    FloatVector c = limited(x);
    FloatVector e = Exp.exp(c.mul(-2f));
    return FloatVector.broadcast(F, 2f).div(e.add(1f)).sub(1f);
  }

  private static FloatVector limited(FloatVector x) {
    return x.blend(SATURATED, x.compare(GT, SATURATED))
        .blend(-SATURATED, x.compare(LT, -SATURATED));
  }
}
