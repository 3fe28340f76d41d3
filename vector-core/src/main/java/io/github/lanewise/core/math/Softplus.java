package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// Softplus, log(1 + exp(z)) / beta with z = beta x. It also gives logsigmoid(x), which is
/// log(sigmoid(x)) = -softplus(-x) for beta = 1.
///
/// - |z| < 1: (ln 2 + z/2 + z^2 g(z^2)) / beta, where g has degree 4, by `LogFit` (test sources).
/// - |z| >= 1: max(x, 0) + log1p(exp(-|z|)) / beta. The argument of log1p lies in (0, 0.37], and
///   exp cannot overflow. Closer to 0 this sum would step down where exp(-|z|) moves to its next
///   float.
/// - z > threshold, strictly: x itself.
/// - Error for beta = 1: at most 1.56 ulp, at x = -4.15737, and 0.77 ulp for x > 0; monotone;
///   measured over all inputs. Another beta adds the rounding of z, which is a relative error of
///   |z| 2^-24 for x < 0.
/// - Special values: softplus inf -> inf, -inf -> +0; logsigmoid inf -> +0, -inf -> -inf; ±0 -> ln
///   2 and -ln 2; NaN -> NaN.
/// - Reference: Dugas et al. (2001), Incorporating Second-Order Functional Knowledge for Better
///   Option Pricing.
public final class Softplus {
  private static final float C0 = 0.12499999f;
  private static final float C1 = -0.0052082455f;
  private static final float C2 = 3.4687496E-4f;
  private static final float C3 = -2.5736566E-5f;
  private static final float C4 = 1.6213816E-6f;

  private Softplus() {}

  /// Returns log(1 + exp(beta x)) / beta, or x where beta x > threshold; inverseBeta is 1 / beta.
  public static FloatVector softplus(
      FloatVector x, FloatVector beta, FloatVector inverseBeta, FloatVector threshold) {
    FloatVector z = x.mul(beta);
    FloatVector a = z.abs();
    FloatVector far = Log1p.ofSmall(Exp.expNonPositive(a.neg()));
    // This part is not a method of its own, since C2 would not inline that after the two calls
    // above (see "Body once" in Loop).
    FloatVector ln2 = FloatVector.broadcast(F, Exp.LN2_HI);
    FloatVector half = z.mul(0.5f);
    FloatVector sum = half.add(ln2);
    FloatVector dropped = half.sub(sum.sub(ln2));
    FloatVector u = z.mul(z);
    FloatVector g =
        u.fma(C4, C3)
            .fma(u, FloatVector.broadcast(F, C2))
            .fma(u, FloatVector.broadcast(F, C1))
            .fma(u, FloatVector.broadcast(F, C0));
    FloatVector near = sum.add(u.fma(g, FloatVector.broadcast(F, Exp.LN2_LO)).add(dropped));
    return far.fma(inverseBeta, x.blend(0f, z.compare(LT, 0f)))
        .blend(near.mul(inverseBeta), a.compare(LT, 1f))
        .blend(x, z.compare(GT, threshold));
  }
}
