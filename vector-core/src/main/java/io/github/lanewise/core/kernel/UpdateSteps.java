package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The steps that optimizer updates share, in PyTorch's order of operations.
///
/// A flag that changes what is stored or which roots and quotients are taken (momentum, Nesterov,
/// centered, AMSGrad) has a loop of its own. A flag that only picks an operand would double all
/// those loops, so it is an operation by a loop invariant instead, which must be exact for NaN,
/// infinities and both zeros too:
///
/// - maximize: g is multiplied by -1, else by 1.
/// - L2 decay: a blend picks fma(wd, p, g) or g. A plain fma with wd = 0 would not do: it turns
///   g = -0 into +0 where p >= 0, and 0 times an infinite p is NaN.
/// - Decoupled decay: p is multiplied by 1 - lr wd, which is 1 without decay.
/// - The two branches of lerp: a blend picks the end that is corrected.
///
/// In cache these few operations run in the shadow of the division and the root, and from memory
/// in that of the loads.
final class UpdateSteps {
  private UpdateSteps() {}

  /// Where the gradient takes L2 decay: everywhere or nowhere.
  static VectorMask<Float> decayed(float decay) {
    return FloatVector.broadcast(F, decay).compare(NE, 0f);
  }

  /// The gradient to descend: sign g, plus decay p where `decayed`.
  static FloatVector gradient(
      FloatVector g, FloatVector p, float sign, float decay, VectorMask<Float> decayed) {
    FloatVector signed = g.mul(sign);
    return signed.blend(p.fma(FloatVector.broadcast(F, decay), signed), decayed);
  }

  /// Where [#lerp] starts from its first end: everywhere or nowhere.
  static VectorMask<Float> near(float weight) {
    return FloatVector.broadcast(F, weight).compare(LT, 0.5f);
  }

  /// The factor of [#lerp] that goes with [#near].
  static float pull(float weight) {
    return weight < 0.5f ? weight : weight - 1f;
  }

  /// From a to b by a weight: a + weight (b - a) if the weight is below 1/2, else
  /// b + (weight - 1) (b - a), either with one rounding after b - a.
  static FloatVector lerp(FloatVector a, FloatVector b, float pull, VectorMask<Float> near) {
    return b.sub(a).fma(FloatVector.broadcast(F, pull), b.blend(a, near));
  }

  /// The running mean of squares: fma(weight x, x, v beta), where weight is 1 - beta.
  static FloatVector squares(FloatVector v, FloatVector x, float beta, float weight) {
    return x.mul(weight).fma(x, v.mul(beta));
  }

  /// p + s x / d, each rounded.
  static FloatVector addQuotient(FloatVector p, float s, FloatVector x, FloatVector d) {
    return p.add(x.mul(s).div(d));
  }

  /// p + s x, rounded once.
  static FloatVector addProduct(FloatVector p, float s, FloatVector x) {
    return x.fma(FloatVector.broadcast(F, s), p);
  }
}
