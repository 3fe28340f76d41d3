package io.github.lanewise.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Maps values to pixels, linearly or by their logarithm.
///
/// A value beyond the range is drawn at its edge, and so is what has no logarithm: 0 at the lower
/// edge, NaN at the upper one. Charts say so where it happens.
///
/// @param isLog whether equal ratios are equal distances
/// @param min the value at the lower edge
/// @param max the value at the upper edge, above `min`
public record Scale(boolean isLog, double min, double max) {
  private static final int TICKS = 6;

  /// Creates the scale.
  ///
  /// @throws IllegalArgumentException if the range is empty, not finite, or has no logarithm
  public Scale {
    if (!(min < max) || Double.isInfinite(max - min) || (isLog && min <= 0)) {
      throw new IllegalArgumentException("there is no scale from " + min + " to " + max);
    }
  }

  /// {@return a linear scale}
  ///
  /// @param min the value at the lower edge
  /// @param max the value at the upper edge
  public static Scale linear(double min, double max) {
    return new Scale(false, min, min < max ? max : min + 1);
  }

  /// {@return a logarithmic scale over whole decades that covers the positive values up to a limit}
  ///
  /// It has a decade below the smallest positive value if a value is 0.
  ///
  /// @param values what is to be drawn
  /// @param limit larger values do not count
  public static Scale decades(double[] values, double limit) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    boolean hasZero = false;
    for (double value : values) {
      hasZero |= value == 0;
      if (value > 0 && value <= limit) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
    }
    if (most == 0) {
      return new Scale(true, 0.1, 10);
    }
    double low = Math.floor(Math.log10(least) + 1e-9) - (hasZero ? 1 : 0);
    double high = Math.max(low + 1, Math.ceil(Math.log10(most) - 1e-9));
    return new Scale(true, StrictMath.pow(10, low), StrictMath.pow(10, high));
  }

  /// {@return where a value stands: 0 at the lower edge, 1 at the upper one}
  ///
  /// @param value any number
  public double position(double value) {
    if (Double.isNaN(value) || value >= max) {
      return 1;
    }
    if (value <= min) {
      return 0;
    }
    return isLog
        ? StrictMath.log10(value / min) / StrictMath.log10(max / min)
        : (value - min) / (max - min);
  }

  /// {@return values for labels, from the lower edge to the upper one}
  public List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    if (isLog) {
      long low = Math.round(Math.log10(min));
      long high = Math.round(Math.log10(max));
      long step = Math.max(1, Math.ceilDiv(high - low, TICKS));
      for (long e = low; e <= high; e += step) {
        ticks.add(StrictMath.pow(10, e));
      }
      return ticks;
    }
    double rough = (max - min) / TICKS;
    double power = StrictMath.pow(10, Math.floor(Math.log10(rough)));
    double step = power * (rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10);
    for (double k = Math.ceil(min / step - 1e-9); k * step <= max + 1e-9 * step; k++) {
      ticks.add(k * step);
    }
    return ticks;
  }

  /// {@return the label of a tick}
  ///
  /// @param tick one of [#ticks]
  public String label(double tick) {
    if (isLog) {
      return "1e" + Math.round(Math.log10(tick));
    }
    String text = String.format(Locale.ROOT, "%.6f", tick);
    text = text.replaceAll("0+$", "").replaceAll("\\.$", "");
    return text.equals("-0") ? "0" : text;
  }
}
