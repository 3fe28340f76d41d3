package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// Tanhshrink, x - tanh(x), without the cancellation of that formula. It is computed for a = |x|
/// with u = a^2, and the sign of x is put back at the end.
///
/// - a < 1.03: a u (1/3 + u Q(u)), where Q has degree 6, was fitted by `TanhFit` (test sources),
///   and has a relative error of 2^-26.8. 1/3 is the sum of two floats, and a^3 is used with its
///   rounding error, so that the leading term is rounded only once. Plain products err by 3.1 ulp.
/// - a >= 1.03: (a - 1) + (1 - tanh(a)), where neither term suffers from cancellation. The second
///   is from [Tanh].
/// - Error: at most 2.33 ulp, near x = 1.015, measured over all 2^32 inputs; monotone over all of
///   them.
/// - Special values: ±0 and subnormals -> +0, as x - x; ±inf -> ±inf; NaN -> NaN. The derivative
///   tanh(x)^2 is 0 at 0 and 1 at ±inf, and errs by at most 3 ulp.
/// - Size: close to the limit up to which C2 inlines (see "Body once" in `Loop`), so a kernel must
///   not call another method with vectors after this one.
/// - Sources: Dekker, A floating-point technique for extending the available precision (1971).
public final class Tanhshrink {
  private static final float SPLIT = 1.03f;
  private static final float THIRD = 0x1.555556p-2f;
  private static final float THIRD_LO = -0x1.555556p-27f;
  private static final int SIGN = 0x80000000;

  private Tanhshrink() {}

  /// Returns x - tanh(x).
  public static FloatVector tanhshrink(FloatVector x) {
    FloatVector a = x.abs();
    // Using -u and -w, where w = a^3, saves negations. wLo is the rounding error of w.
    FloatVector aNeg = a.neg();
    FloatVector uNeg = a.mul(aNeg);
    FloatVector wNeg = a.mul(uNeg);
    FloatVector wLo = a.fma(a.fma(a, uNeg), aNeg.fma(uNeg, wNeg));
    FloatVector tail = wLo.fma(FloatVector.broadcast(F, THIRD), wNeg.mul(series(uNeg)));
    FloatVector near = wNeg.fma(FloatVector.broadcast(F, -THIRD), tail);
    FloatVector far = a.sub(1f).add(Tanh.gap(a));
    // Adding 0 turns -0 into +0, which is what x - tanh(x) gives for x = -0.
    return far.blend(near, a.compare(LT, SPLIT))
        .reinterpretAsInts()
        .or(x.reinterpretAsInts().and(SIGN))
        .reinterpretAsFloats()
        .add(0f);
  }

  /// Returns THIRD - (a - tanh(a)) / a^3 for u = -a^2. As a polynomial in -a^2, all of its
  /// coefficients but one have the same sign.
  private static FloatVector series(FloatVector u) {
    return u.fma(-1.3458641E-4f, -8.97181E-4f)
        .fma(u, FloatVector.broadcast(F, -0.003174489f))
        .fma(u, FloatVector.broadcast(F, -0.008679032f))
        .fma(u, FloatVector.broadcast(F, -0.021824425f))
        .fma(u, FloatVector.broadcast(F, -0.053962916f))
        .fma(u, FloatVector.broadcast(F, -0.13333312f))
        .fma(u, FloatVector.broadcast(F, -THIRD_LO));
  }
}
