package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static io.github.lanewise.core.kernel.Lanes.requireNative;
import static java.lang.Float.NEGATIVE_INFINITY;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.math.ScalarLog;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/// The passes of [ShortRowKernel]: y from x, row by row.
final class ShortRowPasses {
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  private ShortRowPasses() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % F.length());
  }

  /// y = exp(x - max).
  static void exp(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    VectorMask<Float> inRow = F.indexInRange(0, n);
    FloatVector outside = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    long rowBytes = (long) n << 2;
    for (int i = 0; i < rows; i++) {
      requireNative(y);
      long p = i * rowBytes;
      FloatVector x0 =
          outside.blend(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN, inRow), inRow);
      RowKernel.expOfDifference(x0, shift(max(x0)))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN, inRow);
    }
  }

  /// y = x / sum(x).
  static void divideBySum(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    VectorMask<Float> inRow = F.indexInRange(0, n);
    long rowBytes = (long) n << 2;
    for (int i = 0; i < rows; i++) {
      requireNative(y);
      long p = i * rowBytes;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN, inRow);
      FloatVector multiple = x0.add(RowKernel.ROUND).sub(RowKernel.ROUND);
      double factor = 1 / ((double) sum(multiple) + sum(x0.sub(multiple)));
      float high = (float) factor;
      float low = (float) (factor - high);
      x0.fma(FloatVector.broadcast(F, high), x0.mul(low))
          .intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN, inRow);
    }
  }

  /// y = x - max.
  static void difference(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    VectorMask<Float> inRow = F.indexInRange(0, n);
    FloatVector outside = FloatVector.broadcast(F, NEGATIVE_INFINITY);
    long rowBytes = (long) n << 2;
    for (int i = 0; i < rows; i++) {
      requireNative(y);
      long p = i * rowBytes;
      FloatVector x0 =
          outside.blend(fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN, inRow), inRow);
      x0.sub(max(x0)).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN, inRow);
    }
  }

  /// y = x - log(sum(exp(x))).
  static void subtractLogSum(
      MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, int rows, int n) {
    VectorMask<Float> inRow = F.indexInRange(0, n);
    long rowBytes = (long) n << 2;
    for (int i = 0; i < rows; i++) {
      requireNative(y);
      long p = i * rowBytes;
      FloatVector x0 = fromMemorySegment(F, x, xByteOffset + p, LITTLE_ENDIAN, inRow);
      FloatVector e =
          FloatVector.zero(F).blend(Exp.expOfDifference(x0, FloatVector.zero(F)), inRow);
      FloatVector multiple = e.add(RowKernel.ROUND).sub(RowKernel.ROUND);
      double term = ScalarLog.log((double) sum(multiple) + sum(e.sub(multiple)));
      float high = (float) term;
      float low = (float) (term - high);
      x0.sub(high).sub(low).intoMemorySegment(y, yByteOffset + p, LITTLE_ENDIAN, inRow);
    }
  }

  /// [RowKernel#shift] in all lanes.
  private static FloatVector shift(FloatVector max) {
    return max.blend(max.add(384f).sub(384f), max.abs().compare(LT, 256f));
  }

  private static FloatVector max(FloatVector v) {
    FloatVector m = larger(v, v.rearrange(SWAP_8));
    m = larger(m, m.rearrange(SWAP_4));
    m = larger(m, m.rearrange(SWAP_2));
    return larger(m, m.rearrange(SWAP_1));
  }

  private static FloatVector larger(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(GT, a));
  }

  private static float sum(FloatVector v) {
    FloatVector s = v.add(v.rearrange(SWAP_8));
    s = s.add(s.rearrange(SWAP_4));
    s = s.add(s.rearrange(SWAP_2));
    return s.add(s.rearrange(SWAP_1)).lane(0);
  }
}
