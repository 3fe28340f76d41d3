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
  private static final int[] DIGITS = {1, 2, 5};

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

  /// {@return a logarithmic scale that covers the positive values up to a limit, from
  /// one of 1, 2 and 5 times a power of ten to another}
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
    double low = hasZero ? least / 10 : least;
    return new Scale(true, round(low, false), Math.max(round(most, true), 2 * round(low, false)));
  }

  /// Returns the nearest of 1, 2 and 5 times a power of ten that is not above, or not below.
  private static double round(double value, boolean isUp) {
    long exponent = (long) Math.floor(Math.log10(value)) - 1;
    double last = digits(1, exponent);
    for (long e = exponent; e <= exponent + 2; e++) {
      for (int digit : DIGITS) {
        double next = digits(digit, e);
        if (isUp && next >= value) {
          return next;
        }
        if (!isUp && next > value) {
          return last;
        }
        last = next;
      }
    }
    return last;
  }

  /// The double that is written so, since products of powers are rounded.
  private static double digits(int digit, long exponent) {
    return Double.parseDouble(digit + "e" + exponent);
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
      long low = (long) Math.floor(Math.log10(min) + 1e-9);
      long high = (long) Math.floor(Math.log10(max) + 1e-9);
      long step = Math.max(1, Math.ceilDiv(high - low, TICKS));
      for (long e = low; e <= high; e += step) {
        for (int digit : high - low < 2 ? DIGITS : new int[] {1}) {
          double tick = digits(digit, e);
          if (tick >= min && tick <= max) {
            ticks.add(tick);
          }
        }
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
      long exponent = (long) Math.floor(Math.log10(tick) + 1e-9);
      return Math.round(tick / StrictMath.pow(10, (double) exponent)) + "e" + exponent;
    }
    String text = String.format(Locale.ROOT, "%.6f", tick);
    text = text.replaceAll("0+$", "").replaceAll("\\.$", "");
    return text.equals("-0") ? "0" : text;
  }
}
