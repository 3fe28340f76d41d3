package io.github.lanewise.bench.accuracy;

/// Collects the errors of one function over many inputs.
///
/// A result is incorrectly rounded if it is not the float nearest to the exact value. Where that
/// value is nearer to the middle of two floats than the oracle's own error, either of them may be
/// the nearest: such a result is undecided, and not counted among the incorrect ones.
public final class ErrorMeter {
  private long inputs;
  private long incorrectlyRounded;
  private long undecided;
  private double sumUlp;
  private double maxUlp;
  private float worstInput = Float.NaN;
  private final double[] maxByBinade = new double[512];

  /// Adds one result.
  ///
  /// @param oracleError the largest relative error of `exact`
  /// @return the result's error in ulp
  public double add(float input, double exact, float actual, double oracleError) {
    double ulp = Ulps.error(exact, actual);
    inputs++;
    sumUlp += ulp;
    int binade = Float.floatToRawIntBits(input) >>> 23;
    maxByBinade[binade] = Math.max(maxByBinade[binade], ulp);
    float low = (float) (exact * (1 - oracleError));
    float high = (float) (exact * (1 + oracleError));
    if (actual != low && actual != high) {
      if (!(Double.isNaN(exact) && Float.isNaN(actual))) {
        incorrectlyRounded++;
      }
    } else if (low != high) {
      undecided++;
    }
    if (ulp > maxUlp || inputs == 1) {
      maxUlp = ulp;
      worstInput = input;
    }
    return ulp;
  }

  /// Adds what another meter has collected.
  public void merge(ErrorMeter other) {
    if (other.inputs > 0 && (other.maxUlp > maxUlp || inputs == 0)) {
      maxUlp = other.maxUlp;
      worstInput = other.worstInput;
    }
    inputs += other.inputs;
    sumUlp += other.sumUlp;
    incorrectlyRounded += other.incorrectlyRounded;
    undecided += other.undecided;
    for (int i = 0; i < maxByBinade.length; i++) {
      maxByBinade[i] = Math.max(maxByBinade[i], other.maxByBinade[i]);
    }
  }

  /// The largest error among inputs of one sign and exponent.
  ///
  /// @param exponent from -127, which stands for the subnormals, to 127
  public double maxUlp(boolean negative, int exponent) {
    return maxByBinade[exponent + 127 + (negative ? 256 : 0)];
  }

  /// How many results were added.
  public long inputs() {
    return inputs;
  }

  /// How many of them are not the float nearest to the exact value, undecided ones apart.
  public long incorrectlyRounded() {
    return incorrectlyRounded;
  }

  /// How many may or may not be the nearest float.
  public long undecided() {
    return undecided;
  }

  /// The largest error.
  public double maxUlp() {
    return maxUlp;
  }

  /// The mean error.
  public double meanUlp() {
    return inputs == 0 ? 0 : sumUlp / inputs;
  }

  /// Where the largest error is; the first input, if there is no error.
  public float worstInput() {
    return worstInput;
  }

  @Override
  public String toString() {
    return "max %.4f ulp at %s (0x%08x), mean %.4f, %d of %d not correctly rounded, %d undecided"
        .formatted(
            maxUlp,
            worstInput,
            Float.floatToRawIntBits(worstInput),
            meanUlp(),
            incorrectlyRounded,
            inputs,
            undecided);
  }
}
