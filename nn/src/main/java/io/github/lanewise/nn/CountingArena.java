package io.github.lanewise.nn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// An arena that tells how much memory it holds.
///
/// It hands everything on to another arena, so the threads that may use its memory are those of
/// that arena. Closing it closes the other one.
public final class CountingArena implements Arena {
  private final Arena arena;
  private final AtomicLong bytes = new AtomicLong();

  private CountingArena(Arena arena) {
    this.arena = arena;
  }

  /// {@return an arena that counts what it takes from `arena`}
  ///
  /// @param arena holds the memory
  public static CountingArena over(Arena arena) {
    return new CountingArena(Objects.requireNonNull(arena, "arena is null"));
  }

  /// {@return the number of bytes that were allocated from this arena and can be used; 0 once it is
  /// closed}
  public long liveBytes() {
    return arena.scope().isAlive() ? bytes.get() : 0;
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    MemorySegment memory = arena.allocate(byteSize, byteAlignment);
    bytes.addAndGet(byteSize);
    return memory;
  }

  @Override
  public MemorySegment.Scope scope() {
    return arena.scope();
  }

  /// Closes the other arena, and so frees the memory.
  ///
  /// @throws IllegalStateException if it is closed
  @Override
  public void close() {
    arena.close();
  }
}
