package io.github.lanewise.bench.jmh.attempts;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The arrays of an attempt: n floats from a normal distribution of deviation 3, a multiple of 64,
/// and as many for the result.
@State(Scope.Thread)
public class Arrays {
  /// Elements.
  @Param({"4096", "65536"})
  public int n;

  /// What an attempt reads.
  public MemorySegment x;

  /// What it writes.
  public MemorySegment y;

  private final Arena arena = Arena.ofConfined();

  @Setup
  public void setUp() {
    SplittableRandom random = new SplittableRandom(1);
    FloatArray values = FloatArray.allocate(arena, n);
    for (int i = 0; i < n; i++) {
      values.set(i, (float) (3 * random.nextGaussian()));
    }
    x = values.segment();
    y = FloatArray.allocate(arena, n).segment();
  }

  @TearDown
  public void close() {
    arena.close();
  }

  /// As the kernels do in their loops, and why: see decisions.md of vector-core, 2026-11-23.
  static void requireNative(MemorySegment y) {
    if (!y.isNative()) {
      throw new IllegalArgumentException("the memory is on the heap");
    }
  }
}
