package io.github.lanewise.core.simd;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The one float species of this JVM.
///
/// The width is fixed here, once, because a second species would make all vectors slow: see "One
/// species" in [Loop]. [VectorBits] chooses it.
public final class Lanes {
  /// The species of every float vector in Lanewise.
  public static final VectorSpecies<Float> F =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorBits.ofJvm()));

  /// Ints in vectors of the same width, for code that takes floats apart.
  public static final VectorSpecies<Integer> I = F.withLanes(int.class);

  /// Shorts in vectors of half the width, so that there are as many as floats.
  public static final VectorSpecies<Short> S =
      VectorSpecies.of(short.class, VectorShape.forBitSize(VectorBits.ofJvm() / 2));

  /// The number of floats in a vector, for code that must not mention a vector type.
  public static final int LENGTH = F.length();

  /// The size of a vector in bytes.
  public static final long BYTES = F.vectorByteSize();

  /// The number of partial results of a reduction, on every width. A narrower vector holds some of
  /// them, so that the same elements are combined in the same order on every width.
  public static final int VIRTUAL = 16;

  private Lanes() {}

  /// Tells C2 that a loop stores to native memory; see "Native stores" in [Loop].
  ///
  /// A loop calls it in each turn, for each segment that it stores to.
  ///
  /// @throws IllegalArgumentException if the segment lies on the heap
  public static void requireNative(MemorySegment y) {
    if (!y.isNative()) {
      throw new IllegalArgumentException("the memory is on the heap");
    }
  }
}
