package io.github.lanewise.core.math;

import static io.github.lanewise.core.kernel.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// @@SIGDOC@@
public final class Sigmoid {
  private static final float ROUND_227 = Exp.ROUND + 227;
  // sigmoid(-104) < 2^-150 rounds to 0; from 157 on, n would leave the exponent field.
  private static final float UNDERFLOW = 104f;

  private Sigmoid() {}

  /// 1 / (1 + exp(-x)).
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector a = x.abs();
    // z carries -n, so that its low bits become the exponent of 2^(100 - n).
    FloatVector z = a.fma(-Exp.LOG2_E, ROUND_227);
    FloatVector r = Exp.reduce(FloatVector.broadcast(F, ROUND_227).sub(z), a);
    FloatVector q = Exp.growth(r);
    FloatVector scale = Exp.power(z);
    FloatVector s = scale.mul(0x1p-100f);
    FloatVector d = q.fma(r, s.add(1f));
    FloatVector dLo = q.fma(r, s.sub(d.sub(1f)));
    // w = -1/d; e = 1 - (d + dLo)/d turns it into the reciprocal of the sum, rounded once.
    FloatVector w = FloatVector.broadcast(F, -1f).div(d);
    FloatVector e = w.fma(dLo, w.fma(d, FloatVector.broadcast(F, 1f)));
    FloatVector y = w.fma(e, w).mul(scale).mul(-0x1p-100f).blend(0f, a.compare(GT, UNDERFLOW));
    return FloatVector.broadcast(F, 1f).sub(y).blend(y, x.compare(LT, 0f));
  }
}
