package io.github.lanewise.optim.schedule;

import java.util.List;

/// Checks that a setting of a schedule lies in its range. NaN and infinity lie in none.
final class Require {
  private Require() {}

  static void atLeastZero(String name, double value) {
    require(value >= 0 && value <= Double.MAX_VALUE, name, value, "finite and at least 0");
  }

  static void positive(String name, double value) {
    require(value > 0 && value <= Double.MAX_VALUE, name, value, "finite and above 0");
  }

  static void fraction(String name, double value) {
    require(value >= 0 && value <= 1, name, value, "between 0 and 1");
  }

  /// For a factor that is divided by later on.
  static void positiveFraction(String name, double value) {
    require(value > 0 && value <= 1, name, value, "above 0 and at most 1");
  }

  static void belowOne(String name, double value) {
    require(value >= 0 && value < 1, name, value, "at least 0 and below 1");
  }

  static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  static void countAtLeastZero(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 0");
    }
  }

  static void step(long step) {
    countAtLeastZero("step", step);
  }

  /// For the parts of a schedule that is made of others. Returns a copy.
  static List<Schedule> notEmpty(List<Schedule> schedules) {
    if (schedules.isEmpty()) {
      throw new IllegalArgumentException("the list of schedules is empty");
    }
    return List.copyOf(schedules);
  }

  private static void require(boolean inRange, String name, double value, String range) {
    if (!inRange) {
      throw new IllegalArgumentException(name + " is " + value + ", must be " + range);
    }
  }
}
