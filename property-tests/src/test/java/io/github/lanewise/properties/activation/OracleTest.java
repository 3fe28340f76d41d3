package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.ErfOracle;
import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Oracle;
import io.github.lanewise.properties.support.Differences;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The oracles themselves: derivatives against differences, erf against decimal arithmetic.
class OracleTest {
  /// Ridders' method reaches 1e-11 on functions of size 1.
  private static final double DIFFERENCE_ERROR = 1e-9;

  static List<Op> ops() {
    return Ops.all();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void everyDerivativeIsTheLimitOfDifferences(Op op) {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 2000; i++) {
      double x = random.nextDouble(-25, 25);
      double room = 0.1;
      for (double kink : op.kinks()) {
        room = Math.min(room, Math.abs(x - kink) / 2);
      }
      boolean defined = !Double.isNaN(op.forward().applyAsDouble(x)); // log ends at 0
      if (room > 0.01 && defined) {
        assertDerivative(op.name(), op.forward(), op.derivative(), x, room);
      }
    }
  }

  @Property(tries = 300)
  void theElementaryDerivativesAreLimitsOfDifferences(
      @ForAll @DoubleRange(min = 0.2, max = 5) double x) {
    assertDerivative("exp", Oracle::exp, Oracle::exp, -x, 0.1);
    assertDerivative("expm1", Oracle::expm1, Oracle::expm1Derivative, -x, 0.1);
    assertDerivative("log", Oracle::log, Oracle::logDerivative, x, 0.02);
    assertDerivative("log1p", Oracle::log1p, Oracle::log1pDerivative, x, 0.1);
    assertDerivative("erf", Oracle::erf, Oracle::erfDerivative, x, 0.1);
  }

  @Test
  void theSlopeFromTheOutputIsTheSlopeFromTheInput() {
    for (double x = -8; x <= 8; x += 0.01) {
      double t = Oracle.tanhDerivativeOfOutput(Oracle.tanh(x));
      double s = Oracle.sigmoidDerivativeOfOutput(Oracle.sigmoid(x));
      assertEquals(Oracle.tanhDerivative(x), t, 1e-15);
      assertEquals(Oracle.sigmoidDerivative(x), s, 1e-15);
    }
  }

  @Property(tries = 100)
  void erfcIsRightTo15DigitsInTheTailToo(@ForAll @DoubleRange(min = 0, max = 26) double z) {
    MathContext mc = new MathContext(40);
    BigDecimal exact = erfc(new BigDecimal(z), mc);
    BigDecimal actual = new BigDecimal(ErfOracle.erfc(z));
    // Three roundings and StrictMath's ulp of exp, of 1.1e-16 to 2.2e-16 each.
    assertRelative("erfc", z, exact, actual, 1.2e-15);
    BigDecimal erf = BigDecimal.ONE.subtract(exact);
    if (z > 1e-10) {
      assertRelative("erf", z, erf, new BigDecimal(ErfOracle.erf(z)), 1e-15);
    }
  }

  /// The short cuts for small arguments, on both sides of the place where they begin.
  @Property(tries = 300)
  void smallArgumentsAreRightToo(
      @ForAll @DoubleRange(min = 0.5, max = 1) double mantissa,
      @ForAll @IntRange(min = -80, max = -3) int exponent) {
    MathContext mc = new MathContext(120);
    double z = Math.scalb(mantissa, exponent);
    BigDecimal exact = new BigDecimal(z);
    BigDecimal erf = BigDecimal.ONE.subtract(erfc(exact, mc));
    assertRelative("erf", z, erf, new BigDecimal(ErfOracle.erf(z)), 1e-15);
    for (double x : new double[] {z, -z}) {
      BigDecimal root = new BigDecimal(2).sqrt(mc);
      BigDecimal tail = erfc(exact.divide(root, mc), mc).divide(BigDecimal.TWO, mc);
      BigDecimal phi = x < 0 ? tail : BigDecimal.ONE.subtract(tail);
      BigDecimal gelu = phi.multiply(new BigDecimal(x));
      assertRelative("gelu", x, gelu, new BigDecimal(Oracle.gelu(x)), 1.2e-15);
      BigDecimal e = expOfMinus(exact.add(exact), mc);
      BigDecimal tanh = BigDecimal.ONE.subtract(e).divide(BigDecimal.ONE.add(e), mc);
      BigDecimal difference = exact.subtract(tanh);
      assertRelative("tanhshrink", z, difference, new BigDecimal(Oracle.tanhshrink(z)), 1e-15);
    }
  }

  /// Where the exact value is beside the middle of two floats by less than a double can tell.
  @Test
  void valuesBesideTheMiddleOfTwoFloatsAreOnTheirSideOfIt() {
    double odd = 3 * Float.MIN_VALUE;
    for (String name : List.of("gelu", "gelu_tanh", "silu", "hardswish")) {
      assertEquals(2 * Float.MIN_VALUE, (float) Ops.named(name).forward().applyAsDouble(odd), name);
      assertEquals(-Float.MIN_VALUE, (float) Ops.named(name).forward().applyAsDouble(-odd), name);
    }
    double big = 0x1p24 + 2; // less 1 it is in the middle, and the even neighbour is below it
    assertEquals((float) big, (float) Oracle.tanhshrink(big));
    assertEquals((float) -big, (float) Oracle.tanhshrink(-big));
  }

  @Test
  void theNormalDistributionHasItsTableValues() {
    // Abramowitz & Stegun, table 26.1.
    assertEquals(0.841344746068543, ErfOracle.phi(1), 1e-15);
    assertEquals(0.158655253931457, ErfOracle.phi(-1), 1e-15);
    assertEquals(0.998650101968370, ErfOracle.phi(3), 1e-15);
    assertEquals(0.5, ErfOracle.phi(0));
    assertEquals(7.619853024160527e-24, ErfOracle.phi(-10), 1e-38);
  }

  private static BigDecimal erfc(BigDecimal z, MathContext mc) {
    return expOfMinus(z.multiply(z), mc).multiply(ErfOracle.erfcx(z, mc), mc);
  }

  /// exp(-x), from the series of exp(x / 1024).
  private static BigDecimal expOfMinus(BigDecimal x, MathContext mc) {
    MathContext guarded = new MathContext(mc.getPrecision() + 15);
    BigDecimal reduced = x.divide(BigDecimal.valueOf(1024), guarded);
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int n = 1; n < 80; n++) {
      term = term.multiply(reduced, guarded).divide(BigDecimal.valueOf(n), guarded);
      sum = sum.add(term, guarded);
    }
    return BigDecimal.ONE.divide(sum.pow(1024, guarded), mc);
  }

  private static void assertRelative(
      String what, double x, BigDecimal exact, BigDecimal actual, double bound) {
    BigDecimal error = actual.subtract(exact).divide(exact, MathContext.DECIMAL64).abs();
    assertTrue(
        error.doubleValue() <= bound, () -> what + " at " + x + " is off by " + error + " of it");
  }

  private static void assertDerivative(
      String name, DoubleUnaryOperator f, DoubleUnaryOperator derivative, double x, double room) {
    double expected = Differences.ridders(f, x, room);
    double actual = derivative.applyAsDouble(x);
    assertEquals(
        expected,
        actual,
        DIFFERENCE_ERROR * Math.max(1, Math.abs(expected)),
        () -> name + "' at " + x);
  }
}
