package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.GeluTanh;
import io.github.lanewise.core.math.Sigmoid;
import io.github.lanewise.core.math.Silu;
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

/// Ways to compute sigmoid, SiLU and tanh-GELU, with targets of 0.40, 0.45 and 0.60 ns per element
/// at n = 65536.
///
/// Idea: all three are quotients with one exponential. The attempts differ in what is done about
/// the roundings of the sum and the quotient.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | PyTorch |
/// |---|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 3), 256-bit vectors, sigmoid | 0.80 | 5.6 | 0.72 | 0.83 | 0.93 |
/// | the same, SiLU | 0.84 | 5.7 | 0.86 | 0.76 | 0.98 |
/// | the same, tanh-GELU | 1.15 | 2.2 | 1.23 | 1.09 | 3.6 |
/// | AMD EPYC (Zen 4), 512-bit vectors, sigmoid | 0.41 | 2.9 | 0.38 | 0.56 | 0.40 |
/// | the same, SiLU | 0.43 to 0.51 | 2.8 | 0.50 | 0.38 | 0.44 |
/// | the same, tanh-GELU | 0.60 | 1.45 | 0.60 | 0.56 | 1.69 |
///
/// Verdict: 1 is shipped, since accuracy costs only about a tenth of the time. Two bodies in a loop
/// pass C2's limit of nodes, so that vectors become objects.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class LogisticAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();

  /// 1. Shipped: the quotient is corrected by its remainder. Error 0.90 ulp.
  @Benchmark
  public void sigmoidShipped1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      Sigmoid.sigmoid(fromMemorySegment(F, x, p, LITTLE_ENDIAN))
          .intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, with two vectors in each turn of the loop.
  @Benchmark
  public void sigmoidLost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = Sigmoid.sigmoid(x0);
      FloatVector y1 = Sigmoid.sigmoid(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. 1 / (1 + exp(-x)) as it stands. Error 2.3 ulp.
  @Benchmark
  public void sigmoidLost3Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      plain(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. 1/2 + tanh(x / 2) / 2: 0 for large negative x, where sigmoid is small but not 0.
  @Benchmark
  public void sigmoidLost4Tanh(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofTanh(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector plain(FloatVector x) {
    return FloatVector.broadcast(F, 1f).div(Exp.exp(x.neg()).add(1f));
  }

  private static FloatVector ofTanh(FloatVector x) {
    return Tanh.tanh(x.mul(0.5f)).fma(0.5f, 0.5f);
  }

  /// 1. Shipped: the factor x stands in the numerator of the quotient. Error 1.00 ulp.
  @Benchmark
  public void siluShipped1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      Silu.silu(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, with two vectors in each turn of the loop.
  @Benchmark
  public void siluLost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = Silu.silu(x0);
      FloatVector y1 = Silu.silu(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x times the shipped sigmoid: rounds twice, and is 0 below -103.97, where SiLU is not.
  @Benchmark
  public void siluLost3Product(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      product(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. x / (1 + exp(-x)) as it stands. Error 2.3 ulp, and NaN at -inf.
  @Benchmark
  public void siluLost4Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      quotient(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector product(FloatVector x) {
    return x.mul(Sigmoid.sigmoid(x));
  }

  private static FloatVector quotient(FloatVector x) {
    return x.div(Exp.exp(x.neg()).add(1f));
  }

  /// 1. Shipped: w, the argument of tanh, is kept in two floats. Error 0.96 (1 + 2 |w|) ulp.
  @Benchmark
  public void geluTanhShipped1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      GeluTanh.gelu(fromMemorySegment(F, x, p, LITTLE_ENDIAN))
          .intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, with two vectors in each turn of the loop.
  @Benchmark
  public void geluTanhLost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = GeluTanh.gelu(x0);
      FloatVector y1 = GeluTanh.gelu(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x times the shipped sigmoid of 2w: multiplies the rounding error of w by |w|.
  @Benchmark
  public void geluTanhLost3Sigmoid(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      ofSigmoid(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. The formula as it stands: for negative x the sum 1 + tanh(w) cancels.
  @Benchmark
  public void geluTanhLost4Tanh(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      formula(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector ofSigmoid(FloatVector x) {
    return x.mul(Sigmoid.sigmoid(w(x).mul(2f)));
  }

  private static FloatVector formula(FloatVector x) {
    return x.mul(0.5f).mul(Tanh.tanh(w(x)).add(1f));
  }

  private static FloatVector w(FloatVector x) {
    return x.mul(x).fma(0.044715f, 1f).mul(x).mul(0.7978846f);
  }
}
