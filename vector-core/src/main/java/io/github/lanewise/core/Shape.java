package io.github.lanewise.core;

import java.util.Arrays;
import java.util.Objects;

/// The size of each dimension of an array, outermost first, such as `[128, 64]` for 128 rows of 64
/// elements.
///
/// Immutable. The shape `[]` has no dimensions and belongs to a single element.
public final class Shape {
  private final long[] sizes;
  private final long elements;

  private Shape(long[] sizes) {
    this.sizes = sizes;
    long product = 1;
    for (long size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException("shape " + this + " has a negative size");
      }
      try {
        product = Math.multiplyExact(product, size);
      } catch (ArithmeticException overflow) {
        throw new IllegalArgumentException("shape " + this + " has too many elements", overflow);
      }
    }
    this.elements = product;
  }

  /// {@return the shape with the given sizes, outermost first}
  ///
  /// @param sizes one for each dimension, at least 0
  /// @throws IllegalArgumentException if a size is negative, or there are more than 2^63 - 1
  ///     elements
  public static Shape of(long... sizes) {
    Objects.requireNonNull(sizes, "sizes is null");
    return new Shape(sizes.clone());
  }

  /// {@return the number of dimensions}
  public int rank() {
    return sizes.length;
  }

  /// {@return the size of one dimension, outermost first}
  ///
  /// @param dimension counts from 0, the outermost
  /// @throws IndexOutOfBoundsException unless `0 <= dimension < rank()`
  public long size(int dimension) {
    return sizes[Objects.checkIndex(dimension, sizes.length)];
  }

  /// {@return the number of elements: the product of all sizes}
  public long elements() {
    return elements;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sizes);
  }

  @Override
  public String toString() {
    return Arrays.toString(sizes);
  }
}
