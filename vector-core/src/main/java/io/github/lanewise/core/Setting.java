package io.github.lanewise.core;

import java.util.Objects;

/// A setting of a rule: its name, its value and the values that it may have. NaN and the infinities
/// are never among them.
///
/// @param name in Java's spelling, such as `weightDecay`
/// @param value what it begins with; 0 or 1 for a flag
/// @param kind the values that it may have
public record Setting(String name, double value, Kind kind) {
  /// Which values a setting may have.
  public enum Kind {
    /// 0 or more.
    AT_LEAST_ZERO("at least 0"),
    /// More than 0.
    POSITIVE("above 0"),
    /// 1 or more.
    AT_LEAST_ONE("at least 1"),
    /// 0 or more and less than 1, for a decay rate of which 1 - rate^t is a divisor.
    BELOW_ONE("at least 0 and below 1"),
    /// More than 0 and less than 1.
    BETWEEN("above 0 and below 1"),
    /// More than 1.
    ABOVE_ONE("above 1"),
    /// 0 to 1.
    FRACTION("between 0 and 1"),
    /// 0 or less.
    AT_MOST_ZERO("at most 0"),
    /// Any number.
    FINITE("a number"),
    /// 0 or 1.
    FLAG("0 or 1"),
    /// 0 or 1, and the same for the life of an optimizer, because its states depend on it.
    FIXED_FLAG("0 or 1");

    private final String range;

    Kind(String range) {
      this.range = range;
    }

    private boolean admits(double value) {
      return switch (this) {
        case AT_LEAST_ZERO -> value >= 0;
        case POSITIVE -> value > 0;
        case AT_LEAST_ONE -> value >= 1;
        case BELOW_ONE -> value >= 0 && value < 1;
        case BETWEEN -> value > 0 && value < 1;
        case ABOVE_ONE -> value > 1;
        case FRACTION -> value >= 0 && value <= 1;
        case AT_MOST_ZERO -> value <= 0;
        case FINITE -> !Double.isNaN(value);
        case FLAG, FIXED_FLAG -> value == 0 || value == 1;
      };
    }
  }

  /// Creates a setting.
  ///
  /// @throws IllegalArgumentException if it may not have this value
  public Setting {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(kind, "kind is null");
    require(name, value, kind);
  }

  /// {@return a flag}
  ///
  /// @param name in Java's spelling
  /// @param on what it begins with
  public static Setting flag(String name, boolean on) {
    return new Setting(name, on ? 1 : 0, Kind.FLAG);
  }

  /// {@return a flag that cannot change}
  ///
  /// @param name in Java's spelling
  /// @param on what it is
  public static Setting fixedFlag(String name, boolean on) {
    return new Setting(name, on ? 1 : 0, Kind.FIXED_FLAG);
  }

  /// {@return a setting of at least 0}
  ///
  /// @param name in Java's spelling
  /// @param value what it begins with
  /// @throws IllegalArgumentException if it is negative or not finite
  public static Setting atLeastZero(String name, double value) {
    return new Setting(name, value, Kind.AT_LEAST_ZERO);
  }

  /// Requires that the setting may have this value too.
  ///
  /// @param other the value
  /// @throws IllegalArgumentException if it may not
  public void require(double other) {
    require(name, other, kind);
    if (kind == Kind.FIXED_FLAG && other != value) {
      throw new IllegalArgumentException(
          name
              + " is "
              + (value == 1)
              + " for the life of this optimizer, cannot be "
              + (other == 1));
    }
  }

  private static void require(String name, double value, Kind kind) {
    if (!kind.admits(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", must be " + kind.range);
    }
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", must be finite");
    }
  }
}
