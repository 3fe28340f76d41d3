package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

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

/// Ways to compute ReLU, with a target of 0.08 ns per element at n = 65536.
///
/// Idea: ReLU is a load, a compare, a blend and a store, so only the shape of the loop can differ.
/// Attempt 4 copies and computes nothing: it shows what memory allows.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | PyTorch |
/// |---|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 3), 256-bit vectors, n = 4096 | 0.046 | 0.047 | 0.076 | 0.043 | |
/// | AMD EPYC (Zen 3), 256-bit vectors, n = 65536 | 0.094 | 0.093 | 0.089 | 0.094 | 0.137 |
/// | AMD EPYC (Zen 4), 512-bit vectors, n = 65536 | 0.07 to 0.09 | 0.076 | 0.071 | 0.070 | 0.089 |
///
/// Verdict: at 65536 all of them wait for the second-level cache, whose speed is the bound. Java's
/// maximum is slower while the data lies in the first-level cache, and wrong for -0.0.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class ReluAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();

  /// 1. Shipped: one vector in each turn of the loop.
  @Benchmark
  public void shipped1OneVector(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      relu(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. Four vectors in each turn of the loop.
  @Benchmark
  public void lost2FourVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 4 * F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector x2 = fromMemorySegment(F, x, p + 2 * BYTES, LITTLE_ENDIAN);
      FloatVector x3 = fromMemorySegment(F, x, p + 3 * BYTES, LITTLE_ENDIAN);
      FloatVector y0 = relu(x0);
      FloatVector y1 = relu(x1);
      FloatVector y2 = relu(x2);
      FloatVector y3 = relu(x3);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
      y2.intoMemorySegment(y, p + 2 * BYTES, LITTLE_ENDIAN);
      y3.intoMemorySegment(y, p + 3 * BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. Java's maximum, which also turns -0.0 into 0.0.
  @Benchmark
  public void lost3Max(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, p, LITTLE_ENDIAN).max(0f).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. A copy without arithmetic, the bound that memory sets.
  @Benchmark
  public void bound4Copy(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, p, LITTLE_ENDIAN).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector relu(FloatVector x) {
    return x.blend(0f, x.compare(LT, 0f));
  }
}
