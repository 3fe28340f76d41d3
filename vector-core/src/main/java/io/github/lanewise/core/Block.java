package io.github.lanewise.core;

import io.github.lanewise.core.kernel.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The blocks in which a kernel meets its arrays: whole vectors, as many as fit an `int`.
///
/// The elements after the last whole vector are copied to scratch memory of a vector per array,
/// worked on there, and copied back. So a kernel's body stands in its method once, which keeps it
/// inside C2's budget, and nothing is read or written beyond the arrays.
///
/// One per thread, reused: a call must not allocate.
final class Block {
  /// No kernel has more: p, g and three states.
  private static final int ARRAYS = 5;

  /// A whole number of vectors of any width.
  private static final long MOST_ELEMENTS = 1L << 28;

  private static final ThreadLocal<Block> OF_THREAD = ThreadLocal.withInitial(Block::new);

  private static final long LANES = Lanes.LENGTH;
  private static final long SLOT_BYTES = LANES * Float.BYTES;

  private final MemorySegment scratch = Arena.ofAuto().allocate(ARRAYS * SLOT_BYTES, SLOT_BYTES);

  private long total;
  private long from;
  private long elements;

  private Block() {}

  /// Returns this thread's block, at the first of `total` elements.
  static Block first(long total) {
    Block block = OF_THREAD.get();
    block.total = total;
    block.from = 0;
    block.measure();
    return block;
  }

  boolean exists() {
    return from < total;
  }

  void advance() {
    from += elements;
    measure();
  }

  private void measure() {
    long left = total - from;
    elements = left < LANES ? left : Math.min(MOST_ELEMENTS, left - left % LANES);
  }

  /// How many elements the kernel is to work on: a multiple of the vector length.
  int elements() {
    return (int) Math.max(LANES, elements);
  }

  /// Returns the memory of this block of `array`, which is the one at `index` of the call.
  MemorySegment load(int index, FloatArray array) {
    if (elements >= LANES) {
      return array.memory();
    }
    copy(array.memory(), array.byteOffset(from), scratch, index * SLOT_BYTES);
    return scratch;
  }

  /// Where the block begins in that memory.
  long byteOffset(int index, FloatArray array) {
    return elements >= LANES ? array.byteOffset(from) : index * SLOT_BYTES;
  }

  /// Brings the elements that the kernel wrote home.
  void store(int index, FloatArray array) {
    if (elements < LANES) {
      copy(scratch, index * SLOT_BYTES, array.memory(), array.byteOffset(from));
    }
  }

  private void copy(MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset) {
    MemorySegment.copy(x, xByteOffset, y, yByteOffset, elements * Float.BYTES);
  }
}
