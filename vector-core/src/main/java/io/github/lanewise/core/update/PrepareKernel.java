package io.github.lanewise.core.update;

import static io.github.lanewise.core.simd.Lanes.F;
import static io.github.lanewise.core.simd.Lanes.requireNative;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The gradient that a rule reads: y = clamp(scale g, -clip, clip), y = scale g + decay p.
///
/// - Error: one rounding for scale g and one for fma(decay, p, scale g). A decay of 0 is left out
///   by the caller, because fma(0, p, -0) is +0 and an infinite p would give NaN.
/// - Special values: a NaN stays NaN; an infinite g is clamped.
/// - Writes: y; p and g are only read. y may be g. n is a multiple of the vector length.
/// - Reference: PyTorch's `clip_grad_value_` and `weight_decay`, in this order.
public final class PrepareKernel {
  private PrepareKernel() {}

  public static void clip(
      MemorySegment g,
      long gByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float scale,
      float clip) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long o = (long) i << 2;
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      clipped(g0, clip).intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
    }
  }

  public static void decay(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment y,
      long yByteOffset,
      int n,
      float scale,
      float decay) {
    assert n % F.length() == 0;
    for (int i = 0; i < n; i += F.length()) {
      requireNative(y);
      long o = (long) i << 2;
      FloatVector g0 = fromMemorySegment(F, g, gByteOffset + o, LITTLE_ENDIAN).mul(scale);
      FloatVector p0 = fromMemorySegment(F, p, pByteOffset + o, LITTLE_ENDIAN);
      decayed(g0, p0, decay).intoMemorySegment(y, yByteOffset + o, LITTLE_ENDIAN);
    }
  }

  /// A vector of gradients, clipped. [LoopRewriter] copies the instructions.
  private static FloatVector clipped(FloatVector g, float clip) {
    FloatVector clipV = broadcast(F, clip);
    FloatVector minusClipV = broadcast(F, -clip);
    FloatVector below = g.blend(clipV, g.compare(GT, clipV));
    return below.blend(minusClipV, below.compare(LT, minusClipV));
  }

  /// A vector of gradients with the penalty. [LoopRewriter] copies the instructions.
  private static FloatVector decayed(FloatVector g, FloatVector p, float decay) {
    return p.fma(broadcast(F, decay), g);
  }
}
