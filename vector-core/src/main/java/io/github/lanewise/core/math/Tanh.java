package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Hyperbolic tangent, computed for a = |x|. The sign of x is put back at the end.
///
/// - a < 1: tanh(a) = a + a u P(u) with u = a^2, where P has degree 6, was fitted by `TanhFit`
///   (test sources), and has a relative error of 2^-27.
/// - a >= 1: tanh(a) = 1 - 2 / (exp(2a) + 1), where exp(2a) is computed as in [Exp], with the
///   factor 2 in its coefficients. The subtracted quotient is below 1/4, so its error counts a
///   quarter. A split at 0.85 would raise the error of the result to 1.003 ulp.
/// - Error: at most 0.974 ulp, at x = 1.0072249, measured over all 2^32 inputs; odd bit for bit,
///   monotone and |y| <= 1 over all of them.
/// - Special values: ±0 and subnormals -> x; ±1 from 9.010914 on; NaN -> NaN.
/// - Sources: Muller, Elementary Functions (3rd ed. 2016).
public final class Tanh {
  // n + 127 is the biased exponent of 2^n; see Exp.ROUND.
  private static final float ROUND_127 = Exp.ROUND + 127;
  // Larger n are clamped to 100, with which 1 - tanh(a) vanishes beside 1, as it does with any
  // larger n. The clamp hides a NaN in z, but r is NaN as well.
  private static final int LARGEST = Exp.ROUND_BITS + 127 + 100;
  private static final float SPLIT = 1f;
  private static final int SIGN = 0x80000000;

  private Tanh() {}

  /// Returns tanh(x).
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector u = a.mul(a);
    FloatVector near = a.mul(u).fma(series(u), a);
    FloatVector far = FloatVector.broadcast(F, 1f).sub(gap(a));
    return far.blend(near, a.compare(LT, SPLIT))
        .reinterpretAsInts()
        .or(x.reinterpretAsInts().and(SIGN))
        .reinterpretAsFloats();
  }

  /// Returns 1 - tanh(a) = 2 / (exp(2a) + 1), to 2^-25 for a >= 1. The reduction subtracts n LN2_HI
  /// alone: where n LN2_LO would matter, the result is below an ulp of 1.
  static FloatVector gap(FloatVector a) {
    FloatVector one = FloatVector.broadcast(F, 1f);
    FloatVector two = FloatVector.broadcast(F, 2f);
    FloatVector round = FloatVector.broadcast(F, ROUND_127);
    FloatVector z = a.fma(FloatVector.broadcast(F, 2 * Exp.LOG2_E), round);
    IntVector i = z.reinterpretAsInts().min(LARGEST);
    FloatVector n = i.reinterpretAsFloats().sub(round);
    FloatVector r = n.fma(FloatVector.broadcast(F, -0.5f * Exp.LN2_HI), a);
    FloatVector p =
        r.fma(64 * Exp.C6, 32 * Exp.C5)
            .fma(r, FloatVector.broadcast(F, 16 * Exp.C4))
            .fma(r, FloatVector.broadcast(F, 8 * Exp.C3))
            .fma(r, FloatVector.broadcast(F, 4 * Exp.C2))
            .fma(r, two)
            .fma(r, one);
    return two.div(p.fma(i.lanewise(LSHL, 23).reinterpretAsFloats(), one));
  }

  /// Returns P(u) = (tanh(a) / a - 1) / u for u = a^2.
  private static FloatVector series(FloatVector u) {
    return u.fma(-3.833593E-4f, 0.0023918303f)
        .fma(u, FloatVector.broadcast(F, -0.008076054f))
        .fma(u, FloatVector.broadcast(F, 0.02157996f))
        .fma(u, FloatVector.broadcast(F, -0.053914484f))
        .fma(u, FloatVector.broadcast(F, 0.1333296f))
        .fma(u, FloatVector.broadcast(F, -0.33333334f));
  }
}
