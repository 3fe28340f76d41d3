package io.github.lanewise.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory of each thread for what has no whole vector in the caller's arrays: the last elements of
/// a run, and the exponentials of a block that is only summed. Allocated at a thread's first use.
///
/// A kernel's loop runs over whole vectors. A masked tail beside it makes C2 box vectors, for good
/// or until it compiles again; so the last elements are copied here, worked on, and copied back.
final class Scratch {
  /// From one vector to the next: enough for any width.
  static final long VECTOR_BYTES = 64;

  /// Where a block of [ReductionKernel#BLOCK] elements begins, after two vectors.
  static final long BLOCK_BYTE_OFFSET = 2 * VECTOR_BYTES;

  private static final ThreadLocal<MemorySegment> OF_THREAD =
      ThreadLocal.withInitial(
          () ->
              Arena.ofAuto()
                  .allocate(BLOCK_BYTE_OFFSET + ReductionKernel.BLOCK * (long) Float.BYTES, 64));

  private Scratch() {}

  static MemorySegment ofThread() {
    return OF_THREAD.get();
  }

  /// Copies the last elements of an array to the vector of the given number, and returns its place.
  static long copyIn(int vector, MemorySegment x, long xByteOffset, long bytes) {
    long at = vector * VECTOR_BYTES;
    MemorySegment.copy(x, xByteOffset, ofThread(), at, bytes);
    return at;
  }
}
