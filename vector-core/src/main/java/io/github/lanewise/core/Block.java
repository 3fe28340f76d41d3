package io.github.lanewise.core;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// Cuts arrays of equal length into the blocks that a kernel is called with. A block is a whole
/// number of vectors, as many as an `int` can count, and is identified by the index i of its first
/// element.
///
/// The elements after the last whole vector form a block of their own. They are copied to scratch
/// memory, one slot for each array, processed there as one vector, and copied back. So a kernel has
/// a single loop over whole vectors, and nothing is read or written beyond the arrays.
final class Block {
  /// A multiple of every vector length.
  private static final long MOST_ELEMENTS = 1L << 28;

  private static final long LANES = Lanes.LENGTH;

  private Block() {}

  /// Returns how many elements of the block at i the kernel processes, where the arrays have n
  /// elements. It is a multiple of the vector length.
  static int elements(long i, long n) {
    return (int) (isRest(i, n) ? LANES : Math.min(MOST_ELEMENTS, n - i - (n - i) % LANES));
  }

  /// Returns the index at which the next block begins, or n after the last block.
  static long next(long i, long n) {
    return Math.min(n, i + elements(i, n));
  }

  private static boolean isRest(long i, long n) {
    return n - i < LANES;
  }

  /// Returns the memory that holds the block at i of an array. Copies the elements after the last
  /// whole vector to scratch memory first.
  ///
  /// @param scratch what [Scratch#takeForRest] returned for these arrays
  /// @param index the position of the array among the arrays of the call
  static MemorySegment load(Scratch scratch, int index, FloatArray array, long i) {
    if (!isRest(i, array.length())) {
      return array.memory();
    }
    Scratch.stage(
        scratch.memory(), index, array.memory(), array.byteOffset(i), restBytes(i, array));
    return scratch.memory();
  }

  /// Returns the byte offset of the block in the memory that [#load] returns.
  static long byteOffset(int index, FloatArray array, long i) {
    return isRest(i, array.length()) ? index * Scratch.SLOT_BYTES : array.byteOffset(i);
  }

  /// Copies the elements after the last whole vector from scratch memory back to the array. Does
  /// nothing for other blocks, which the kernel has written in place.
  static void store(Scratch scratch, int index, FloatArray array, long i) {
    if (isRest(i, array.length())) {
      Scratch.unstage(
          scratch.memory(), index, array.memory(), array.byteOffset(i), restBytes(i, array));
    }
  }

  private static long restBytes(long i, FloatArray array) {
    return (array.length() - i) * Float.BYTES;
  }
}
