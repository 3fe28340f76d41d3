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

/// ReLU, target 0.08 ns per element at n = 65536.
///
/// Figures: AMD EPYC (Zen 3), 256-bit vectors, JDK 25.0.3, best of two forks, ns per element at n
/// = 4096 and 65536: 1. 0.046 and 0.094, 2. 0.047 and 0.093, 3. 0.076 and 0.089, 4. 0.043 and
/// 0.094. PyTorch at 65536: 0.137. Verdict: at 65536 all wait for the second-level cache, whose
/// speed is the bound; Java's maximum is wrong for -0.0, and slow. Zen 4, 512-bit vectors, 65536:
/// 1. 0.07 to 0.09, 2. 0.076, 3. 0.071, 4. 0.070. PyTorch: 0.089.
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

  /// 1. One vector a turn: what is shipped.
  @Benchmark
  public void shipped1OneVector(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      relu(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. Four vectors a turn.
  @Benchmark
  public void lost2FourVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 4 * F.length()) {
      Arrays.requireNative(y);
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
      Arrays.requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, p, LITTLE_ENDIAN).max(0f).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 4. No arithmetic at all: what memory allows.
  @Benchmark
  public void bound4Copy(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Arrays.requireNative(y);
      long p = (long) i << 2;
      fromMemorySegment(F, x, p, LITTLE_ENDIAN).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector relu(FloatVector x) {
    return x.blend(0f, x.compare(LT, 0f));
  }
}
