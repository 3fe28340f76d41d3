package io.github.lanewise.core.simd;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicIntegerArray;

/// A piece of memory that a call takes for its own use and gives back before it returns.
///
/// There is a fixed number of these areas, a few for each core, which are allocated once and never
/// freed. No thread has scratch memory of its own, so a fresh virtual thread allocates nothing. A
/// call that finds all areas taken waits, but only for microseconds, because the calls that hold an
/// area do not block.
///
/// A call that holds an area must not take another. If every area were held by a call that waits
/// for a second one, all of them would wait for ever.
///
/// ```java
/// try (Scratch scratch = Scratch.take()) {
///   work(scratch.memory());
/// }
/// ```
public final class Scratch implements AutoCloseable {
  /// The size of an area in bytes. It starts at a multiple of 64 bytes, and holds whatever an
  /// earlier call has left there.
  public static final long BYTES = 1 << 15;

  /// The distance between two slots of an area in bytes, which is the size of the widest vector.
  public static final long SLOT_BYTES = 64;

  private static final int PER_CORE = 4;

  /// The number of areas. It is a power of two, so that the low bits of a thread's number choose
  /// the area that the thread tries first.
  static final int COUNT =
      Integer.highestOneBit(2 * PER_CORE * Runtime.getRuntime().availableProcessors() - 1);

  /// The distance between two flags in ints. It is a cache line, so that cores do not share one.
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

  /// Takes an area that is free, and waits while there is none.
  @SuppressWarnings("ThreadPriorityCheck") // only a hint, while all areas are taken
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

  /// Takes an area if arrays of n elements have elements after their last whole vector. Otherwise
  /// returns null.
  public static Scratch takeForRest(long n) {
    return n % Lanes.LENGTH == 0 ? null : take();
  }

  /// Returns the memory of this area, [#BYTES] bytes.
  public MemorySegment memory() {
    return memory;
  }

  /// Gives the memory back.
  @Override
  public void close() {
    TAKEN.setRelease(number * FLAG_STRIDE, 0);
  }

  /// Copies elements of an array to a slot of scratch memory, and returns the byte offset of the
  /// slot.
  ///
  /// @param bytes the size of the elements, at most [#SLOT_BYTES]
  public static long stage(
      MemorySegment scratch, int slot, MemorySegment x, long xByteOffset, long bytes) {
    long at = slot * SLOT_BYTES;
    MemorySegment.copy(x, xByteOffset, scratch, at, bytes);
    return at;
  }

  /// Copies elements to a slot as [#stage] does, and sets the others of its 16 floats to `filler`.
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
