package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.lanewise.core.math.Erf;
import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Gelu;
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

/// Ways to compute GELU, with a target of 0.60 ns per element at n = 65536. The Javadoc of `Gelu`
/// describes five more designs, with other polynomials.
///
/// Idea: x times the normal distribution function, from the error function or from a fraction for
/// the tail of the distribution.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | PyTorch |
/// |---|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 4), 512-bit vectors | 0.58 | 2.2 | 0.58 | 0.50 | 0.68 |
///
/// Verdict: 1 is shipped. It is as fast as the error function, and accurate for negative x, which
/// the error function is not. The tail for every x saves the polynomial and loses accuracy: near 0
/// the result is then a difference of two numbers of its own size.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class GeluAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();

  /// 1. Shipped: a polynomial where |x| <= 1, else the tail. Error 1.82 ulp for x >= -1.
  @Benchmark
  public void shipped1TwoBranches(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      Gelu.gelu(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
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
      FloatVector y0 = Gelu.gelu(x0);
      FloatVector y1 = Gelu.gelu(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x/2 (1 + erf(x / sqrt(2))): cancels for negative x, and is 0 below -5.5, where GELU is not.
  @Benchmark
  public void lost3Erf(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofErf(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofErf(FloatVector x) {
    return Erf.erf(x.mul(0.70710677f)).fma(0.5f, 0.5f).mul(x);
  }

  /// 4. The tail for every x, with an exponential of its own. Error 4 ulp near 0, and more for
  /// negative x.
  @Benchmark
  public void lost4Tail(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofTail(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofTail(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector numerator =
        a.fma(0.014549439f, 0.108955026f)
            .fma(a, FloatVector.broadcast(F, 0.34354937f))
            .fma(a, FloatVector.broadcast(F, 0.49999997f));
    FloatVector denominator =
        a.fma(0.03648045f, 0.2727476f)
            .fma(a, FloatVector.broadcast(F, 0.9027877f))
            .fma(a, FloatVector.broadcast(F, 1.48498f))
            .fma(a, FloatVector.broadcast(F, 1f));
    FloatVector tail = Exp.expNonPositive(a.mul(a).mul(-0.5f)).mul(numerator.div(denominator));
    return a.neg().fma(tail, x.blend(0f, x.compare(LT, 0f)));
  }
}
