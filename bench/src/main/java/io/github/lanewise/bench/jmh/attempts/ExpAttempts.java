package io.github.lanewise.bench.jmh.attempts;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.lanewise.core.math.Exp;
import io.github.lanewise.core.simd.Lanes;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/// Ways to compute exp, with a target of 0.22 ns per element at n = 65536.
///
/// Idea: reduce x to n ln 2 + r, approximate exp(r), and multiply by 2^n. The attempts differ in
/// the approximation and in what is kept of the roundings. Attempts 3 to 5 neither limit x nor give
/// subnormal results, so their figures are lower bounds.
///
/// | ns per element, best of two forks, JDK 25.0.3 | 1 | 2 | 3 | 4 | 5 | PyTorch |
/// |---|--:|--:|--:|--:|--:|--:|
/// | AMD EPYC (Zen 3), 256-bit vectors | 0.55 | 3.1 | 0.38 | 0.26 | 0.25 | 1.02 |
/// | AMD EPYC (Zen 4), 512-bit vectors | 0.30 | 2.0 | 0.22 | 0.18 | 0.18 | 0.82 |
///
/// Verdict: 1 is shipped, though it misses the target. On Zen 3, limits and subnormal results cost
/// 0.17 ns and the carried sum 0.1 ns, and the accuracy that is promised needs both. The fraction
/// is as fast as the polynomial, but would need a carried sum of its own. Two bodies in a loop pass
/// C2's limit of nodes, so that vectors become objects.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 3,
    jvmArgs = {"--add-modules", "jdk.incubator.vector"})
@Warmup(iterations = 10, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 15, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class ExpAttempts {
  private static final VectorSpecies<Float> F = Lanes.F;
  private static final long BYTES = F.vectorByteSize();
  private static final float ROUND = 0x1.8p23f + 127;
  private static final float LOG2_E = 0x1.715476p0f;
  private static final float LN2_HI = 0x1.62e43p-1f;
  private static final float LN2_LO = -0x1.05c61p-29f;
  private static final float C2 = 0.49999988f;
  private static final float C3 = 0.1666652f;
  private static final float C4 = 0.041669894f;
  private static final float C5 = 0.008368841f;
  private static final float C6 = 0.0013721654f;

  /// 1. Shipped: what the last sum drops is carried along, and 2^n is applied in two steps, which
  /// gives subnormal results. Error 0.78 ulp.
  @Benchmark
  public void shipped1Horner(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      Exp.exp(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  /// 2. The same, with two vectors in each turn of the loop.
  @Benchmark
  public void lost2TwoVectors(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += 2 * F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      FloatVector x0 = fromMemorySegment(F, x, p, LITTLE_ENDIAN);
      FloatVector x1 = fromMemorySegment(F, x, p + BYTES, LITTLE_ENDIAN);
      FloatVector y0 = Exp.exp(x0);
      FloatVector y1 = Exp.exp(x1);
      y0.intoMemorySegment(y, p, LITTLE_ENDIAN);
      y1.intoMemorySegment(y, p + BYTES, LITTLE_ENDIAN);
    }
  }

  /// 3. The polynomial evaluated in pairs (Estrin), which makes the chain two steps shorter.
  @Benchmark
  public void lost3Estrin(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      estrin(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector estrin(FloatVector x) {
    FloatVector z = x.fma(LOG2_E, ROUND);
    FloatVector n = z.sub(ROUND);
    FloatVector high = n.fma(FloatVector.broadcast(F, -LN2_HI), x);
    FloatVector low = n.mul(-LN2_LO);
    FloatVector r = high.add(low);
    FloatVector r2 = r.mul(r);
    FloatVector q =
        r.fma(C5, C4).add(r2.mul(C6)).fma(r2, r.fma(FloatVector.broadcast(F, C3), c2()));
    FloatVector sum = high.add(1f);
    FloatVector dropped = high.sub(sum.sub(1f));
    return sum.add(r2.fma(q, low).add(dropped)).mul(power(z));
  }

  private static FloatVector c2() {
    return FloatVector.broadcast(F, C2);
  }

  /// 4. Pade's fraction of degrees 3 and 3: fewer multiplications, but a division.
  @Benchmark
  public void lost4Fraction(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      fraction(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector fraction(FloatVector x) {
    FloatVector z = x.fma(LOG2_E, ROUND);
    FloatVector r = reduced(z.sub(ROUND), x);
    FloatVector r2 = r.mul(r);
    FloatVector even = r2.fma(12f, 120f);
    FloatVector odd = r2.add(60f).mul(r);
    return even.add(odd).div(even.sub(odd)).mul(power(z));
  }

  /// 5. The polynomial with nothing carried, and 2^n in one step: shows what accuracy costs.
  @Benchmark
  public void bound5Plain(Arrays arrays) {
    MemorySegment x = arrays.x;
    MemorySegment y = arrays.y;
    for (int i = 0; i < arrays.n; i += F.length()) {
      Lanes.requireNative(y);
      long p = (long) i << 2;
      plain(fromMemorySegment(F, x, p, LITTLE_ENDIAN)).intoMemorySegment(y, p, LITTLE_ENDIAN);
    }
  }

  private static FloatVector plain(FloatVector x) {
    FloatVector z = x.fma(LOG2_E, ROUND);
    FloatVector r = reduced(z.sub(ROUND), x);
    FloatVector one = FloatVector.broadcast(F, 1f);
    return r.fma(C6, C5)
        .fma(r, FloatVector.broadcast(F, C4))
        .fma(r, FloatVector.broadcast(F, C3))
        .fma(r, c2())
        .fma(r, one)
        .fma(r, one)
        .mul(power(z));
  }

  private static FloatVector reduced(FloatVector n, FloatVector x) {
    FloatVector high = n.fma(FloatVector.broadcast(F, -LN2_HI), x);
    return n.fma(FloatVector.broadcast(F, -LN2_LO), high);
  }

  private static FloatVector power(FloatVector z) {
    return z.reinterpretAsInts().lanewise(LSHL, 23).reinterpretAsFloats();
  }
}
