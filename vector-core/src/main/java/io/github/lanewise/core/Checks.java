package io.github.lanewise.core;

/// What every facade asks of its arguments, once per call and before it writes anything, so that
/// kernels need not ask.
final class Checks {
  private Checks() {}

  /// Requires that the calling thread may read and write the elements of `x`.
  ///
  /// @throws NullPointerException if `x` is null
  /// @throws IllegalStateException if its arena is closed
  /// @throws WrongThreadException if its arena is confined to another thread
  static void usable(String xName, FloatArray x) {
    // Objects.requireNonNull with this message would allocate: a string, or a supplier of one.
    if (x == null) {
      throw new NullPointerException(xName + " is null");
    }
    x.requireUsable(xName);
  }

  /// Requires that both are usable and equally long.
  static void sameLength(String xName, FloatArray x, String yName, FloatArray y) {
    usable(xName, x);
    usable(yName, y);
    if (x.length() != y.length()) {
      throw new IllegalArgumentException(
          yName + " has " + y.length() + " elements, " + xName + " has " + x.length());
    }
  }

  /// Requires that `x` is usable and holds `rows` times `cols` elements.
  static void hasShape(String xName, FloatArray x, long rows, long cols) {
    usable(xName, x);
    if (rows < 0 || cols < 0 || x.length() != Math.multiplyExact(rows, cols)) {
      throw new IllegalArgumentException(
          xName + " has " + x.length() + " elements, the shape asks for " + rows + " x " + cols);
    }
  }

  /// Requires that the calling thread may read and write the elements of `x`.
  static void usable(String xName, Batch x) {
    if (x == null) {
      throw new NullPointerException(xName + " is null");
    }
    x.array().requireUsable(xName);
  }

  /// Requires that both are usable and have as many rows.
  static void sameRows(String xName, Batch x, String yName, Batch y) {
    usable(xName, x);
    usable(yName, y);
    if (x.rows() != y.rows()) {
      throw new IllegalArgumentException(
          yName + " has " + y.rows() + " rows, " + xName + " has " + x.rows());
    }
  }

  /// Requires that both are usable, and that `y` has as many rows as `x`, of `features` features.
  static void fits(String xName, Batch x, String yName, Batch y, int features) {
    sameRows(xName, x, yName, y);
    if (y.features() != features) {
      throw new IllegalArgumentException(
          "%s has %d features, %s with %d asks for %d"
              .formatted(yName, y.features(), xName, x.features(), features));
    }
  }

  /// Requires that both share no element.
  static void apart(String xName, Batch x, String yName, Batch y) {
    apart(xName, x.array(), yName, y.array());
  }

  /// Requires that both are the same memory or share no element.
  static void notInPart(String xName, Batch x, String yName, Batch y) {
    notInPart(xName, x.array(), yName, y.array());
  }

  /// Requires that both are usable and share no element.
  static void disjoint(String xName, FloatArray x, String yName, FloatArray y) {
    usable(xName, x);
    usable(yName, y);
    apart(xName, x, yName, y);
  }

  /// Requires that both, which are usable, share no element.
  static void apart(String xName, FloatArray x, String yName, FloatArray y) {
    if (x.overlaps(y)) {
      throw new IllegalArgumentException(yName + " overlaps " + xName);
    }
  }

  /// Requires that both are usable, equally long, and either the same memory or disjoint.
  static void elementwise(String xName, FloatArray x, String yName, FloatArray y) {
    sameLength(xName, x, yName, y);
    notInPart(xName, x, yName, y);
  }

  /// Requires the same of `z` and each of the two that it is computed from. Each array is asked
  /// once, since a call on 16 elements takes no longer than a few of these questions.
  static void elementwise(
      String xName, FloatArray x, String yName, FloatArray y, String zName, FloatArray z) {
    sameLength(xName, x, yName, y);
    usable(zName, z);
    if (z.length() != x.length()) {
      throw new IllegalArgumentException(
          zName + " has " + z.length() + " elements, " + xName + " has " + x.length());
    }
    notInPart(xName, x, zName, z);
    notInPart(yName, y, zName, z);
  }

  private static void notInPart(String xName, FloatArray x, String yName, FloatArray y) {
    if (x.address(0) != y.address(0) && x.overlaps(y)) {
      throw new IllegalArgumentException(
          yName + " overlaps " + xName + " in part; it may be the same array or a separate one");
    }
  }
}
