package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// Quick GELU, x sigmoid(w) with w = 1.702 x, and its derivative.
///
/// - With a = |x| it is q(-a) = -a s / (s + exp(r)), 1.702 a = n ln 2 + r, s = 2^-n, and q(a) =
///   a + q(-a): the form of [Silu], whose comments explain the steps.
/// - The product 1.702 a is carried in two floats, since in the tail one ulp of it is 64 ulp of the
///   result.
/// - Error: at most ERR ulp, at x = AT, measured over all 2^32 inputs.
/// - The derivative is that of [Silu] at w; it errs by at most DERR of 2^-22 max(1, |f'|), at x =
///   DAT.
/// - Special values: ±0 -> ±0, inf -> inf, -inf and all below -63.5 -> -0, NaN -> NaN; the
///   derivative is 0.5 at 0, 1 at inf, 0 at -inf.
/// - Source: Hendrycks and Gimpel (2016), Gaussian Error Linear Units, where it is the sigmoid
///   approximation.
public final class QuickGelu {
  private static final float ROUND_227 = Exp.ROUND + 227;
  // The result at -65 rounds to -0; from 92 on, n would leave the exponent field.
  private static final float UNDERFLOW = 65f;

  // 1.702 in two floats.
  private static final float C_HI = 1.702f;
  private static final float C_LO = (float) (1.702 - 1.702f);

  private QuickGelu() {}

  /// x / (1 + exp(-1.702 x)).
  public static FloatVector quickGelu(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector w = a.mul(C_HI);
    FloatVector wLo = a.fma(FloatVector.broadcast(F, C_HI), w.neg()).add(a.mul(C_LO));
    FloatVector z = w.fma(-Exp.LOG2_E, ROUND_227);
    FloatVector n = FloatVector.broadcast(F, ROUND_227).sub(z);
    FloatVector r = Exp.reduce(n, w).add(wLo);
    FloatVector q = Exp.series(r).fma(r, FloatVector.broadcast(F, 1f));
    FloatVector scale = Exp.power(z);
    FloatVector s = scale.mul(0x1p-100f);
    FloatVector d = q.fma(r, s.add(1f));
    FloatVector dLo = q.fma(r, s.sub(d.sub(1f)));
    // y = -a/d, corrected by the remainder a + y (d + dLo) to one rounding.
    FloatVector v = FloatVector.broadcast(F, -1f).div(d);
    FloatVector y = a.mul(v);
    y = v.fma(y.fma(dLo, y.fma(d, a)), y);
    y = y.mul(scale).mul(0x1p-100f).blend(-0f, a.compare(GT, UNDERFLOW));
    return x.blend(-0f, x.compare(LT, 0f)).add(y);
  }
}
