package io.github.lanewise.core.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// A piece of memory that a call takes for its own use and gives back before it returns.
///
/// There is a fixed number of them, a few for each core, allocated once and never freed. So no
/// thread has scratch memory of its own, and a fresh virtual thread allocates nothing. A call that
/// finds all of them taken waits: the calls that hold one do not block, so that it waits for
/// microseconds.
///
/// A call that holds one must not take another: calls that hold one each and wait for a second
/// could wait for each other for ever.
///
/// ```java
/// try (Scratch scratch = Scratch.take()) {
///   work(scratch.memory());
/// }
/// ```
public final class Scratch implements AutoCloseable {
  /// The size of the memory; it begins at a multiple of 64 bytes, and what it holds is left over
  /// from other calls.
  public static final long BYTES = 1 << 15;

  /// The distance between two slots: the widest vector.
  public static final long SLOT_BYTES = 64;

  private static final int PER_CORE = 4;

  /// A power of two, so that a thread's number is mapped to one of them by its low bits.
  static final int COUNT =
      Integer.highestOneBit(2 * PER_CORE * Runtime.getRuntime().availableProcessors() - 1);

  /// From one flag to the next, in ints: a cache line, so that cores do not share one.
  private static final int FLAG_STRIDE = 16;

  private static final AtomicIntegerArray TAKEN = new AtomicIntegerArray(COUNT * FLAG_STRIDE);

  private static final Scratch[] ALL = allocate();

  private final int number;
  private final MemorySegment memory;

  private Scratch(int number, MemorySegment memory) {
    this.number = number;
    this.memory = memory;
  }

  private static Scratch[] allocate() {
    Scratch[] all = new Scratch[COUNT];
    for (int i = 0; i < COUNT; i++) {
      all[i] = new Scratch(i, Arena.global().allocate(BYTES, SLOT_BYTES));
    }
    return all;
  }

  /// Takes one that is free.
  @SuppressWarnings("ThreadPriorityCheck") // right with any scheduler, and never in a quiet program
  public static Scratch take() {
    int first = (int) Thread.currentThread().threadId();
    for (int i = 0; ; i++) {
      int number = (first + i) & (COUNT - 1);
      if (TAKEN.compareAndSet(number * FLAG_STRIDE, 0, 1)) {
        return ALL[number];
      }
      if (i % COUNT == COUNT - 1) {
        Thread.yield();
      }
    }
  }

  /// Takes one if arrays of n elements do not end with a whole vector, else returns null.
  public static Scratch takeForRest(long n) {
    return n % Lanes.LENGTH == 0 ? null : take();
  }

  /// The memory, of [#BYTES].
  public MemorySegment memory() {
    return memory;
  }

  /// Gives the memory back.
  @Override
  public void close() {
    TAKEN.setRelease(number * FLAG_STRIDE, 0);
  }

  /// Copies elements of an array to a slot of scratch memory, and returns where the slot begins.
  ///
  /// @param bytes at most [#SLOT_BYTES]
  public static long stage(
      MemorySegment scratch, int slot, MemorySegment x, long xByteOffset, long bytes) {
    long at = slot * SLOT_BYTES;
    MemorySegment.copy(x, xByteOffset, scratch, at, bytes);
    return at;
  }

  /// Copies elements to a slot as [#stage] does, and fills the slot up to 16 floats.
  ///
  /// @param n the number of elements, at most 16
  public static long stageAndFill(
      MemorySegment scratch, int slot, MemorySegment x, long xByteOffset, int n, float filler) {
    long at = stage(scratch, slot, x, xByteOffset, (long) n << 2);
    for (int i = n; i < Lanes.VIRTUAL; i++) {
      scratch.set(JAVA_FLOAT, at + ((long) i << 2), filler);
    }
    return at;
  }

  /// Copies elements from a slot of scratch memory back to an array.
  public static void unstage(
      MemorySegment scratch, int slot, MemorySegment y, long yByteOffset, long bytes) {
    MemorySegment.copy(scratch, slot * SLOT_BYTES, y, yByteOffset, bytes);
  }
}
