package io.github.lanewise.core.math;

import static io.github.lanewise.core.simd.Lanes.F;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/// The natural logarithm.
///
/// - Reduction: x = 2^n (1 + f) with 1 + f in [3/4, 3/2), where n and f are taken from the bits of
///   x. A subnormal x is first multiplied by 2^25. Then log x = n ln 2 + log(1 + f).
/// - Polynomial: log(1 + f) = f + f^2 q(f), where q has degree 8 and is minimax in the relative
///   error (5.3e-9), by `LogFit` (test sources). The rounding error of n ln 2 + f is kept, and
///   added to the small terms.
/// - Error: at most 0.905 ulp, at x = 0.7445496 (0x1.7d359ap-1); 2.0 % of the results are not the
///   nearest float. Measured over all floats from 1/16 to 16 and every 65th elsewhere; monotone
///   there.
/// - Special values: ±0 -> -inf, x < 0 -> NaN, 1 -> +0, inf -> inf, NaN -> NaN.
/// - Sources: Muller, Elementary Functions (3rd ed. 2016), chapter 11 (reduction); Dekker (1971), A
///   Floating-Point Technique for Extending the Available Precision (the error of the sum).
public final class Log {
  /// The bits of 3/4. If they are subtracted from the bits of x, the exponent field of the
  /// difference holds n.
  static final int REDUCTION_BITS = 0x3F400000;

  private static final float LN2_HI = 0x1.62e4p-1f; // 15 bits, so that n LN2_HI is exact
  private static final float LN2_LO = 0x1.7f7d1cp-20f;

  private static final float C0 = -0.5f;
  private static final float C1 = 0.33333462f;
  private static final float C2 = -0.25000194f;
  private static final float C3 = 0.19990376f;
  private static final float C4 = -0.16642548f;
  private static final float C5 = 0.14475465f;
  private static final float C6 = -0.13209704f;
  private static final float C7 = 0.10592254f;
  private static final float C8 = -0.046046104f;

  private Log() {}

  /// Returns log(x).
  public static FloatVector log(FloatVector x) {
    VectorMask<Float> small = x.compare(LT, Float.MIN_NORMAL);
    FloatVector normal = x.blend(x.mul(0x1p25f), small);
    FloatVector n = exponent(normal);
    n = n.blend(n.sub(25f), small);
    FloatVector f = fraction(normal);
    FloatVector hi = high(n, f);
    FloatVector y = low(n, f, hi).add(hi);
    return x.blend(y, x.compare(LT, Float.POSITIVE_INFINITY))
        .blend(Float.NaN, x.compare(LT, 0f))
        .blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0f));
  }

  /// Returns n of x = 2^n (1 + f), for a positive normal x.
  public static FloatVector exponent(FloatVector x) {
    return (FloatVector)
        x.reinterpretAsInts().sub(REDUCTION_BITS).lanewise(ASHR, 23).convert(I2F, 0);
  }

  /// Returns f of x = 2^n (1 + f), for a positive normal x.
  public static FloatVector fraction(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector scale = bits.sub(REDUCTION_BITS).and(0xFF800000);
    return bits.sub(scale).reinterpretAsFloats().sub(1f);
  }

  /// Returns the leading part of n ln 2 + log(1 + f), which is n LN2_HI + f, rounded. f is in
  /// [-1/4, 1/2) and n is an integer.
  public static FloatVector high(FloatVector n, FloatVector f) {
    return n.fma(FloatVector.broadcast(F, LN2_HI), f);
  }

  /// Returns the rest of n ln 2 + log(1 + f): what has to be added to its leading part, high.
  public static FloatVector low(FloatVector n, FloatVector f, FloatVector high) {
    FloatVector lo = f.sub(n.fma(FloatVector.broadcast(F, -LN2_HI), high));
    lo = n.fma(FloatVector.broadcast(F, LN2_LO), lo);
    FloatVector q =
        f.fma(C8, C7)
            .fma(f, FloatVector.broadcast(F, C6))
            .fma(f, FloatVector.broadcast(F, C5))
            .fma(f, FloatVector.broadcast(F, C4))
            .fma(f, FloatVector.broadcast(F, C3))
            .fma(f, FloatVector.broadcast(F, C2))
            .fma(f, FloatVector.broadcast(F, C1))
            .fma(f, FloatVector.broadcast(F, C0));
    return f.mul(f).fma(q, lo);
  }
}
