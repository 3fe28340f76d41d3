package io.github.lanewise.core.simd;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The one float species of this JVM.
///
/// A second species of the same lane type would make the Vector API's shared code box its vectors,
/// so the width is fixed here, once: see [VectorBits].
public final class Lanes {
  /// The species of every float vector in Lanewise.
  public static final VectorSpecies<Float> F =
      VectorSpecies.of(float.class, VectorShape.forBitSize(VectorBits.ofJvm()));

  /// The number of floats in a vector, for callers that must not see a vector type.
  public static final int LENGTH = F.length();

  /// The size of a vector in bytes.
  public static final long BYTES = F.vectorByteSize();

  /// The number of lanes of a reduction, on every width. A narrower vector holds a part of them, so
  /// that the same elements meet in the same order everywhere.
  public static final int VIRTUAL = 16;

  private Lanes() {}

  /// Tells C2 that a loop stores to native memory; see "Native stores" in [Loop].
  ///
  /// A loop calls it in each turn, for each segment that it stores to.
  public static void requireNative(MemorySegment y) {
    if (!y.isNative()) {
      throw new IllegalArgumentException("the memory is on the heap");
    }
  }
}
