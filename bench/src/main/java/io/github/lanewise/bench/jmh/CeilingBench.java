package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How fast the kernels could be if memory were their only limit: loops that read and write the
/// same arrays as a kernel, with next to no arithmetic. They have no code for the elements after
/// the last whole vector, so `n`, the number of floats in an array, is a multiple of 64.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CeilingBench {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  @Param({"4096", "65536", "1048576", "16777216"})
  int n;

  private final Arena arena = Arena.ofConfined();
  private MemorySegment p;
  private MemorySegment g;
  private MemorySegment m;
  private MemorySegment v;

  @Setup
  public void setUp() {
    p = Samples.normal(arena, n, 1, 1).segment();
    g = Samples.normal(arena, n, 1, 2).segment();
    m = FloatArray.allocate(arena, n).segment();
    v = FloatArray.allocate(arena, n).segment();
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /// The ceiling of an activation that writes to another array: 8 bytes per element.
  @Benchmark
  public void copy() {
    MemorySegment.copy(p, 0, m, 0, (long) n << 2);
  }

  /// The ceiling of an activation that overwrites its input: 8 bytes per element.
  @Benchmark
  public void scaleInPlace() {
    for (int i = 0; i < n; i += F.length()) {
      long at = (long) i << 2;
      FloatVector.fromMemorySegment(F, p, at, LE).mul(-1f).intoMemorySegment(p, at, LE);
    }
  }

  /// The ceiling of Adam, which reads four arrays and writes three: 28 bytes per element.
  @Benchmark
  public void streamMix() {
    for (int i = 0; i < n; i += F.length()) {
      long at = (long) i << 2;
      FloatVector gradient = FloatVector.fromMemorySegment(F, g, at, LE);
      FloatVector.fromMemorySegment(F, m, at, LE).add(gradient).intoMemorySegment(m, at, LE);
      FloatVector.fromMemorySegment(F, v, at, LE).sub(gradient).intoMemorySegment(v, at, LE);
      FloatVector.fromMemorySegment(F, p, at, LE).mul(gradient).intoMemorySegment(p, at, LE);
    }
  }
}
