package io.github.lanewise.bench.accuracy;

/// Collects the errors of one function over many inputs.
public final class ErrorMeter {
  private long inputs;
  private long incorrectlyRounded;
  private double sumUlp;
  private double maxUlp;
  private float worstInput = Float.NaN;

  /// Adds one result.
  ///
  /// @return its error in ulp
  public double add(float input, double exact, float actual) {
    double ulp = Ulps.error(exact, actual);
    inputs++;
    sumUlp += ulp;
    if ((float) exact != actual && !(Double.isNaN(exact) && Float.isNaN(actual))) {
      incorrectlyRounded++;
    }
    if (ulp > maxUlp || Float.isNaN(worstInput)) {
      maxUlp = ulp;
      worstInput = input;
    }
    return ulp;
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
