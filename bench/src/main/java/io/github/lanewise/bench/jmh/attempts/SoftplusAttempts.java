package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.Log;
import io.github.lanewise.core.math.Log1p;
import io.github.lanewise.core.math.Softplus;
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

/// Ways to compute softplus, with a target of 0.8 ns per element at n = 65536.
///
/// Idea: log(1 + exp(x)) is max(x, 0) + log1p(exp(-|x|)). There the argument of log1p is at most 1,
/// so less than a full logarithm will do.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | PyTorch |
/// |---|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 4), 512-bit vectors | 0.67 | 1.70 | 2.4 | 2.9 | 1.50 |
/// | AMD EPYC (Zen 3), 256-bit vectors | 1.49 | | | | 3.3 |
///
/// Verdict: 1 is shipped. It reaches the target with 512-bit vectors and misses it with 256-bit
/// ones. A logarithm of any argument beside an exponential passes C2's limit of nodes, so that
/// vectors become objects (1.2 and 1.6 MB a call): the figures of 3 and 4 say little about their
/// arithmetic.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class SoftplusAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();

  /// 1. Shipped: a polynomial near 0, elsewhere log1p of a number of at most 0.37. Error 1.56 ulp.
  @Benchmark
  public void shipped1TwoBranches(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector infinity = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      Softplus.softplus(fromMemorySegment(F, x, p, LITTLE_ENDIAN), one, one, infinity)
          .intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, with two vectors in each turn of the loop.
  @Benchmark
  public void lost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector infinity = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = Softplus.softplus(x0, one, one, infinity);
      FloatVector y1 = Softplus.softplus(x1, one, one, infinity);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. max(x, 0) + log1p(exp(-|x|)) for every x: near 0 it falls in places where x rises.
  @Benchmark
  public void lost3Log1p(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofLog1p(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofLog1p(FloatVector x) {
    FloatVector log = Log1p.log1p(Exp.expNonPositive(x.abs().neg()));
    return log.add(x.blend(0f, x.compare(LT, 0f)));
  }

  /// 4. log(1 + exp(x)) up to 20, x above: for negative x the sum with 1 drops the digits of
  /// exp(x), all of them below -16.6.
  @Benchmark
  public void lost4Log(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofLog(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofLog(FloatVector x) {
    return Log.log(Exp.exp(x).add(1f)).blend(x, x.compare(GT, 20f));
  }
}
