package io.github.lanewise.core.math;

import static io.github.lanewise.core.kernel.Lanes.F;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// @@TANHDOC@@
public final class Tanh {
  private static final float ROUND_127 = Exp.ROUND + 127;
  // n = 100 makes the gap vanish beside 1 as well as any larger one; NaN passes through r.
  private static final int LARGEST = Exp.ROUND_BITS + 127 + 100;
  private static final float SPLIT = 1f;
  private static final int SIGN = 0x80000000;

  private Tanh() {}

  /// tanh(x).
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

  /// 1 - tanh(a) = 2 / (exp(2a) + 1), to 2^-25 for a >= 1. One step of the reduction is enough:
  /// where n LN2_LO would show, the gap is below an ulp of 1.
  static FloatVector gap(FloatVector a) {
    FloatVector z = a.fma(2 * Exp.LOG2_E, ROUND_127);
    IntVector i = z.reinterpretAsInts().min(LARGEST);
    FloatVector n = i.reinterpretAsFloats().sub(ROUND_127);
    FloatVector r = n.fma(FloatVector.broadcast(F, -0.5f * Exp.LN2_HI), a);
    FloatVector p =
        r.fma(64 * Exp.C6, 32 * Exp.C5)
            .fma(r, FloatVector.broadcast(F, 16 * Exp.C4))
            .fma(r, FloatVector.broadcast(F, 8 * Exp.C3))
            .fma(r, FloatVector.broadcast(F, 4 * Exp.C2))
            .fma(r, FloatVector.broadcast(F, 2f))
            .fma(r, FloatVector.broadcast(F, 1f));
    FloatVector e = Exp.power(i.reinterpretAsFloats());
    return FloatVector.broadcast(F, 2f).div(e.fma(p, FloatVector.broadcast(F, 1f)));
  }

  /// P(u) = (tanh(a) / a - 1) / u at u = a^2.
  private static FloatVector series(FloatVector u) {
    return u.fma(-3.833593E-4f, 0.0023918303f)
        .fma(u, FloatVector.broadcast(F, -0.008076054f))
        .fma(u, FloatVector.broadcast(F, 0.02157996f))
        .fma(u, FloatVector.broadcast(F, -0.053914484f))
        .fma(u, FloatVector.broadcast(F, 0.1333296f))
        .fma(u, FloatVector.broadcast(F, -0.33333334f));
  }
}
