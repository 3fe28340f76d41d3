package io.github.lanewise.core.rows;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.VIRTUAL;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// Sums in one order on every width.
///
/// - Element i of a block of [#BLOCK] is added to virtual lane i mod 16; the lanes are folded by
///   one tree, [RowScratch#sum]. Vectors narrower than 16 lanes take a pass for each part of them.
///   The
///   last elements, fewer than 16, are a block of their own, padded with zeros. Blocks are added in
///   double, in order.
/// - Error: a lane has at most 8 terms, so that it does not grow with the length of a row.
/// - Special values: IEEE.
public final class ReductionKernel {
  /// Elements of one float sum; part of the numerical contract.
  static final int BLOCK = 128;

  /// Where the lanes stand in scratch, behind the last elements of two arrays.
  private static final long LANES = 2 * RowScratch.GROUP_BYTES;

  private ReductionKernel() {}

  /// Returns the sum of x.
  static double sum(MemorySegment x, long xByteOffset, int n) {
    MemorySegment scratch = RowScratch.ofThread();
    int whole = n - n % VIRTUAL;
    double sum = 0;
    for (long i = 0; i < whole; i += BLOCK) {
      long p = xByteOffset + (i << 2);
      sum += sumOfGroups(x, p, (int) Math.min(BLOCK, whole - i), scratch);
    }
    if (whole < n) {
      long at = RowScratch.pad(0, x, xByteOffset + ((long) whole << 2), n - whole, 0f);
      sum += sumOfGroups(scratch, at, VIRTUAL, scratch);
    }
    return sum;
  }

  private static float sumOfGroups(
      MemorySegment x, long xByteOffset, int n, MemorySegment scratch) {
    for (int lane = 0; lane < VIRTUAL; lane += F.length()) {
      requireNative(scratch);
      FloatVector sum = FloatVector.zero(F);
      for (int i = lane; i < n; i += VIRTUAL) {
        sum = sum.add(fromMemorySegment(F, x, xByteOffset + ((long) i << 2), LITTLE_ENDIAN));
      }
      sum.intoMemorySegment(scratch, LANES + ((long) lane << 2), LITTLE_ENDIAN);
    }
    return RowScratch.sum(scratch, LANES);
  }

  /// Returns the sum of x y.
  static double dot(MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int n) {
    MemorySegment scratch = RowScratch.ofThread();
    int whole = n - n % VIRTUAL;
    double sum = 0;
    for (long i = 0; i < whole; i += BLOCK) {
      long p = i << 2;
      int size = (int) Math.min(BLOCK, whole - i);
      sum += dotOfGroups(x, xByteOffset + p, y, yByteOffset + p, size, scratch);
    }
    if (whole < n) {
      long p = (long) whole << 2;
      long xAt = RowScratch.pad(0, x, xByteOffset + p, n - whole, 0f);
      long yAt = RowScratch.pad(1, y, yByteOffset + p, n - whole, 0f);
      sum += dotOfGroups(scratch, xAt, scratch, yAt, VIRTUAL, scratch);
    }
    return sum;
  }

  private static float dotOfGroups(
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      MemorySegment scratch) {
    for (int lane = 0; lane < VIRTUAL; lane += F.length()) {
      requireNative(scratch);
      FloatVector sum = FloatVector.zero(F);
      for (int i = lane; i < n; i += VIRTUAL) {
        long p = (long) i << 2;
        FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN);
        FloatVector y0 = fromMemorySegment(F, y, yByteOffset + p, LITTLE_ENDIAN);
        sum = x0.fma(y0, sum);
      }
      sum.intoMemorySegment(scratch, LANES + ((long) lane << 2), LITTLE_ENDIAN);
    }
    return RowScratch.sum(scratch, LANES);
  }
}
