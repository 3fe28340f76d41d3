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

/// Sigmoid, SiLU and tanh-GELU, targets 0.40, 0.45 and 0.60 ns per element at n = 65536.
///
/// Figures: AMD EPYC (Zen 3), 256-bit vectors, JDK 25.0.3, best of two forks, ns per element:
/// sigmoid 1. 0.80, 2. 5.6, 3. 0.72, 4. 0.83; SiLU 1. 0.84, 2. 5.7, 3. 0.86, 4. 0.76; tanh-GELU
/// 1. 1.15, 2. 2.2, 3. 1.23, 4. 1.09. PyTorch: 0.93, 0.98 and 3.6. Verdict: accuracy costs
/// about a tenth; two bodies pass C2's limit of nodes and box. Zen 4, 512-bit vectors: sigmoid 1.
/// 0.41, 2. 2.9, 3. 0.38, 4. 0.56; SiLU 1. 0.43 to 0.51, 2. 2.8, 3. 0.50, 4. 0.38; tanh-GELU 1.
/// 0.60, 2. 1.45, 3. 0.60, 4. 0.56. PyTorch: 0.40, 0.44 and 1.69.
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

  /// 1. What is shipped: the division corrected by its remainder: 0.90 ulp.
  @Benchmark
  public void sigmoidShipped1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      Sigmoid.sigmoid(fromMemorySegment(F, x, p, LITTLE_ENDIAN))
          .intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, two vectors a turn.
  @Benchmark
  public void sigmoidLost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = Sigmoid.sigmoid(x0);
      FloatVector y1 = Sigmoid.sigmoid(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. 1 / (1 + exp(-x)): 2.3 ulp.
  @Benchmark
  public void sigmoidLost3Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      plain(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. 1/2 + tanh(x / 2) / 2: no left tail.
  @Benchmark
  public void sigmoidLost4Tanh(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
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

  /// 1. What is shipped: the product inside the division: 1.00 ulp.
  @Benchmark
  public void siluShipped1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      Silu.silu(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, two vectors a turn.
  @Benchmark
  public void siluLost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = Silu.silu(x0);
      FloatVector y1 = Silu.silu(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x times the shipped sigmoid: two roundings, and no tail below -103.97.
  @Benchmark
  public void siluLost3Product(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      product(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. x / (1 + exp(-x)): 2.3 ulp, and NaN at -inf.
  @Benchmark
  public void siluLost4Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
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

  /// 1. What is shipped: w in two floats: 0.96 (1 + 2 abs(w)) ulp.
  @Benchmark
  public void geluTanhShipped1(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      GeluTanh.gelu(fromMemorySegment(F, x, p, LITTLE_ENDIAN))
          .intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, two vectors a turn.
  @Benchmark
  public void geluTanhLost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = GeluTanh.gelu(x0);
      FloatVector y1 = GeluTanh.gelu(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. x times the shipped sigmoid of 2w: the rounding of w counts |w| times.
  @Benchmark
  public void geluTanhLost3Sigmoid(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      ofSigmoid(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. The formula as it stands: cancels on the left.
  @Benchmark
  public void geluTanhLost4Tanh(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
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
