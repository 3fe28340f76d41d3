package io.github.lanewise.core.simd;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The one float species of this JVM.
///
/// A second species of the same lane type would make the Vector API's shared templates box, so the
/// width is fixed here, once. It is the widest the CPU has; the system property
/// `lanewise.vectorBits` (128, 256 or 512) narrows it, for tests and measurements. Results do not
/// depend on it.
public final class Lanes {
  /// The species of every float vector in Lanewise.
  public static final VectorSpecies<Float> F = species(Integer.getInteger("lanewise.vectorBits"));

  /// The floats of one vector, for those who must not see a vector type.
  public static final int LENGTH = F.length();

  /// The size of one vector in bytes.
  public static final long BYTES = F.vectorByteSize();

  /// The lanes of a reduction, on every width: narrower vectors take several passes.
  public static final int VIRTUAL = 16;

  private Lanes() {}

  private static VectorSpecies<Float> species(Integer bits) {
    if (bits == null) {
      return FloatVector.SPECIES_PREFERRED;
    }
    return switch (bits) {
      case 128 -> FloatVector.SPECIES_128;
      case 256 -> FloatVector.SPECIES_256;
      case 512 -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "lanewise.vectorBits is " + bits + ", but must be 128, 256 or 512");
    };
  }

  /// To be called in a loop, for each segment that it stores to: then C2 knows the one class that a
  /// segment of ours has, and takes the checks of a store out of the loop.
  ///
  /// Without it C2 believes the profile of the Vector API, in which there are arrays on the heap as
  /// well: `reinterpretAsInts` stores to one until it is compiled. After that every kernel took two
  /// to four times as long.
  public static void requireNative(MemorySegment y) {
    if (!y.isNative()) {
      throw new IllegalArgumentException("the memory is on the heap");
    }
  }
}
