package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.F;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// Four groups of 16 floats and a block of terms for each thread, for what has no whole vector in
/// the caller's arrays: the last elements of a row, the lanes of a sum, the terms of a block.
/// Allocated at a thread's first use.
///
/// A kernel's loop runs over whole vectors. A masked tail beside it makes C2 box vectors, for good
/// or until it compiles again; so the last elements are copied here, worked on, and copied back.
public final class RowScratch {
  /// From one group to the next.
  public static final long GROUP_BYTES = 64;

  /// Where a block of terms begins, after four groups.
  public static final long BLOCK_BYTE_OFFSET = 4 * GROUP_BYTES;

  private static final ThreadLocal<MemorySegment> OF_THREAD =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(BLOCK_BYTE_OFFSET + 4096, GROUP_BYTES));

  /// Exchanges lanes 8 apart. Folds are written out where they are needed: where C2 does not inline
  /// a method that is given a vector, the vector is an object.
  public static final VectorShuffle<Float> SWAP_8 = swap(8);
  public static final VectorShuffle<Float> SWAP_4 = swap(4);
  public static final VectorShuffle<Float> SWAP_2 = swap(2);
  public static final VectorShuffle<Float> SWAP_1 = swap(1);

  private RowScratch() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % F.length());
  }

  public static MemorySegment ofThread() {
    return OF_THREAD.get();
  }

  /// Copies the last elements of an array to the group of the given number, and returns its place.
  public static long copyIn(int group, MemorySegment x, long xByteOffset, long bytes) {
    long at = group * GROUP_BYTES;
    MemorySegment.copy(x, xByteOffset, ofThread(), at, bytes);
    return at;
  }

  /// Copies the last n elements of a row to a group, and fills it up; returns its place.
  public static long pad(int group, MemorySegment x, long xByteOffset, int n, float filler) {
    long at = copyIn(group, x, xByteOffset, (long) n << 2);
    for (int i = n; i < Lanes.VIRTUAL; i++) {
      ofThread().set(JAVA_FLOAT, at + ((long) i << 2), filler);
    }
    return at;
  }

  /// Returns the sum of a group: lanes 8 apart are added first, then 4, 2 and 1 apart, whatever the
  /// length of a vector.
  public static float sum(MemorySegment scratch, long at) {
    FloatVector sum = fromMemorySegment(F, scratch, at, LITTLE_ENDIAN);
    if (F.length() == 16) {
      sum = sum.add(sum.rearrange(SWAP_8));
    } else {
      sum = sum.add(fromMemorySegment(F, scratch, at + 32, LITTLE_ENDIAN));
    }
    if (F.length() == 4) {
      FloatVector next = fromMemorySegment(F, scratch, at + 16, LITTLE_ENDIAN);
      sum = sum.add(next.add(fromMemorySegment(F, scratch, at + 48, LITTLE_ENDIAN)));
    } else {
      sum = sum.add(sum.rearrange(SWAP_4));
    }
    sum = sum.add(sum.rearrange(SWAP_2));
    return sum.add(sum.rearrange(SWAP_1)).lane(0);
  }
}
