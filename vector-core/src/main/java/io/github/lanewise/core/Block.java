package io.github.lanewise.core;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// The blocks in which a kernel meets its arrays, all of one length: whole vectors, as many as fit
/// an `int`. A block is known by the index i of its first element.
///
/// The elements after the last whole vector are copied to scratch memory of a vector per array,
/// worked on there, and copied back. So a kernel's body stands in its method once, which keeps it
/// inside C2's budget, and nothing is read or written beyond the arrays.
final class Block {
  /// A whole number of vectors of any width.
  private static final long MOST_ELEMENTS = 1L << 28;

  private static final long LANES = Lanes.LENGTH;

  private Block() {}

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
  ///
  /// @param scratch of [Scratch#takeForRest]
  static MemorySegment load(Scratch scratch, int index, FloatArray array, long i) {
    if (!isRest(i, array.length())) {
      return array.memory();
    }
    Scratch.stage(
        scratch.memory(), index, array.memory(), array.byteOffset(i), restBytes(i, array));
    return scratch.memory();
  }

  /// Where the block begins in that memory.
  static long byteOffset(int index, FloatArray array, long i) {
    return isRest(i, array.length()) ? index * Scratch.SLOT_BYTES : array.byteOffset(i);
  }

  /// Copies the elements after the last whole vector back to the array.
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
