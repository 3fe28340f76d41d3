package io.github.lanewise.bench.accuracy;

/// Collects the errors of one function over many inputs.
public final class ErrorMeter {
  private long inputs;
  private long incorrectlyRounded;
  private double sumUlp;
  private double maxUlp;
  private float worstInput = Float.NaN;
  private final double[] maxByBinade = new double[512];

  /// Adds one result.
  ///
  /// @return its error in ulp
  public double add(float input, double exact, float actual) {
    double ulp = Ulps.error(exact, actual);
    inputs++;
    sumUlp += ulp;
    int binade = Float.floatToRawIntBits(input) >>> 23;
    maxByBinade[binade] = Math.max(maxByBinade[binade], ulp);
    if ((float) exact != actual && !(Double.isNaN(exact) && Float.isNaN(actual))) {
      incorrectlyRounded++;
    }
    if (ulp > maxUlp || Float.isNaN(worstInput)) {
      maxUlp = ulp;
      worstInput = input;
    }
    return ulp;
  }

  /// Adds what another meter has collected.
  public void merge(ErrorMeter other) {
    if (other.inputs > 0 && (other.maxUlp > maxUlp || Float.isNaN(worstInput))) {
      maxUlp = other.maxUlp;
      worstInput = other.worstInput;
    }
    inputs += other.inputs;
    sumUlp += other.sumUlp;
    incorrectlyRounded += other.incorrectlyRounded;
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

  /// How many of them are not the float nearest to the exact value.
  public long incorrectlyRounded() {
    return incorrectlyRounded;
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
    return "max %.4f ulp at %s (0x%08x), mean %.4f, %d of %d not correctly rounded"
        .formatted(
            maxUlp,
            worstInput,
            Float.floatToRawIntBits(worstInput),
            meanUlp(),
            incorrectlyRounded,
            inputs);
  }
}
