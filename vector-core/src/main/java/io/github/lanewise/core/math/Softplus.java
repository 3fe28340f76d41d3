package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// Softplus, log(1 + exp(beta x)) / beta, and logsigmoid, log(sigmoid(x)) = -softplus(-x).
///
/// - For |z| < 1, z = beta x: ln 2 + z/2 + z^2 g(z^2), g of degree 4, by the program `fit.LogFit`.
///   Elsewhere max(x, 0) + log1p(exp(-|z|)) / beta: the argument of log1p lies in (0, 0.37], and no
///   power overflows. Near 0 that sum would step down where exp(-|z|) moves to its next float.
///   softplus is x itself where z > threshold, strictly. logsigmoid(x) = -softplus(-x).
/// - Error for beta = 1: at most 1.56 ulp, at x = -4.15737, and 0.77 ulp for x > 0; rising; over
///   all inputs. Another beta adds the rounding of z: |z| 2^-24 relative, on the left.
/// - Special values: softplus inf -> inf, -inf -> +0; logsigmoid inf -> +0, -inf -> -inf; ±0 ->
///   ln 2 and -ln 2; NaN -> NaN.
/// - Reference: Dugas et al. (2001), Incorporating Second-Order Functional Knowledge for Better
///   Option Pricing.
public final class Softplus {
  private static final float C0 = 0.12499999f;
  private static final float C1 = -0.0052082455f;
  private static final float C2 = 3.4687496E-4f;
  private static final float C3 = -2.5736566E-5f;
  private static final float C4 = 1.6213816E-6f;

  private Softplus() {}

  /// log(1 + exp(beta x)) / beta, given 1 / beta too.
  public static FloatVector softplus(
      FloatVector x, FloatVector beta, FloatVector inverseBeta, FloatVector threshold) {
    FloatVector z = x.mul(beta);
    FloatVector a = z.abs();
    FloatVector far = Log1p.ofSmall(Exp.expNonPositive(a.neg()));
    // Here and not in a method of its own, which C2 would no longer inline behind those two.
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
