package io.github.lanewise.core;

/// What an update asks of its arguments before it writes anything: arrays of one length, all of
/// them open to the calling thread, none overlapping another, and a step number of at least 1.
final class UpdateChecks {
  private UpdateChecks() {}

  static void requireStep(long t) {
    if (t < 1) {
      throw new IllegalArgumentException("t is " + t + ", but steps count from 1");
    }
  }

  static void require(FloatArray p, FloatArray g) {
    Checks.sameLength("p", p, "g", g);
    Checks.disjoint("p", p, "g", g);
  }

  static void require(FloatArray p, FloatArray g, String xName, FloatArray x) {
    require(p, g);
    Checks.sameLength("p", p, xName, x);
    Checks.disjoint("p", p, xName, x);
    Checks.disjoint("g", g, xName, x);
  }

  static void require(
      FloatArray p, FloatArray g, String xName, FloatArray x, String yName, FloatArray y) {
    require(p, g, xName, x);
    require(p, g, yName, y);
    Checks.disjoint(xName, x, yName, y);
  }

  static void require(
      FloatArray p,
      FloatArray g,
      String xName,
      FloatArray x,
      String yName,
      FloatArray y,
      String zName,
      FloatArray z) {
    require(p, g, xName, x, yName, y);
    require(p, g, xName, x, zName, z);
    Checks.disjoint(yName, y, zName, z);
  }
}
