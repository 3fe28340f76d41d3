package io.github.lanewise.bench.jmh.attempts;

import io.github.lanewise.bench.jmh.Samples;
import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// The arrays of an attempt: `n` floats to read, from a normal distribution of deviation 3, and
/// room for as many results. Attempts have no code for the elements after the last whole vector, so
/// `n` is a multiple of 64.
@State(Scope.Thread)
public class Arrays {
  /// The number of elements.
  @Param({"4096", "65536"})
  public int n;

  /// What an attempt reads.
  public MemorySegment x;

  /// What an attempt writes.
  public MemorySegment y;

  private final Arena arena = Arena.ofConfined();

  @Setup
  public void setUp() {
    x = Samples.normal(arena, n, 3, 1).segment();
    y = FloatArray.allocate(arena, n).segment();
  }

  @TearDown
  public void close() {
    arena.close();
  }
}
