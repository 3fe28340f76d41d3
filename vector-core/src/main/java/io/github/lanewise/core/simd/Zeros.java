package io.github.lanewise.core.simd;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Sets a part of memory to zero, and allocates nothing on any call.
///
/// A segment can only fill all of itself, and a slice of it is an object until C2 has compiled the
/// caller together with `fill`, which it does not always do. So zeros are copied.
public final class Zeros {
  /// Half of the smallest first-level cache, so that long parts read the zeros from there.
  private static final long BYTES = 1 << 14;

  private static final MemorySegment ZEROS = Arena.global().allocate(BYTES, Scratch.SLOT_BYTES);

  private Zeros() {}

  /// Sets `bytes` bytes of `memory`, from `byteOffset` on, to zero.
  public static void fill(MemorySegment memory, long byteOffset, long bytes) {
    for (long done = 0; done < bytes; done += BYTES) {
      long n = Math.min(BYTES, bytes - done);
      MemorySegment.copy(ZEROS, 0, memory, byteOffset + done, n);
    }
  }
}
