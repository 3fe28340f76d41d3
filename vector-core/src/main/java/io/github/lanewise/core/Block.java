package io.github.lanewise.core;

import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The blocks in which a kernel meets its arrays, all of one length: whole vectors, as many as fit
/// an `int`. A block is known by the index i of its first element.
///
/// The elements after the last whole vector are copied to scratch memory of a vector per array,
/// worked on there, and copied back. So a kernel's body stands in its method once, which keeps it
/// inside C2's budget, and nothing is read or written beyond the arrays.
final class Block {
  /// No kernel has more: p, g and three states.
  private static final int ARRAYS = 5;

  /// A whole number of vectors of any width.
  private static final long MOST_ELEMENTS = 1L << 28;

  private static final long LANES = Lanes.LENGTH;
  private static final long SLOT_BYTES = LANES * Float.BYTES;

  /// One per thread, reused: a call must not allocate.
  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(ARRAYS * SLOT_BYTES, SLOT_BYTES));

  private Block() {}

  /// Whether arrays of n are one block without a rest, as most are: a call needs no loop then.
  static boolean isOne(long n) {
    return n % LANES == 0 && 0 < n && n <= MOST_ELEMENTS;
  }

  /// How many elements the kernel is to work on, of arrays of n: a multiple of the vector length.
  static int elements(long i, long n) {
    return (int) (isRest(i, n) ? LANES : Math.min(MOST_ELEMENTS, n - i - (n - i) % LANES));
  }

  /// Where the next block begins; n after the last one.
  static long next(long i, long n) {
    return Math.min(n, i + elements(i, n));
  }

  private static boolean isRest(long i, long n) {
    return n - i < LANES;
  }

  /// Returns the memory of this block of `array`, which is the one at `index` of the call.
  static MemorySegment load(int index, FloatArray array, long i) {
    if (!isRest(i, array.length())) {
      return array.memory();
    }
    MemorySegment scratch = SCRATCH.get();
    MemorySegment.copy(
        array.memory(), array.byteOffset(i), scratch, index * SLOT_BYTES, restBytes(i, array));
    return scratch;
  }

  /// Where the block begins in that memory.
  static long byteOffset(int index, FloatArray array, long i) {
    return isRest(i, array.length()) ? index * SLOT_BYTES : array.byteOffset(i);
  }

  /// Brings the elements that the kernel wrote home.
  static void store(int index, FloatArray array, long i) {
    if (isRest(i, array.length())) {
      MemorySegment.copy(
          SCRATCH.get(),
          index * SLOT_BYTES,
          array.memory(),
          array.byteOffset(i),
          restBytes(i, array));
    }
  }

  private static long restBytes(long i, FloatArray array) {
    return (array.length() - i) * Float.BYTES;
  }
}
