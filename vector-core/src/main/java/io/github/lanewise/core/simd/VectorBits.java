package io.github.lanewise.core.simd;

import jdk.incubator.vector.VectorShape;

/// The vector width of this JVM in bits: 128, 256 or 512.
///
/// It is the largest of them that the CPU supports. The system property `lanewise.vectorBits` sets
/// a smaller one, for tests and measurements. Results do not depend on the width.
public final class VectorBits {
  private static final int NARROWEST = 128;

  /// One such vector holds 16 floats, which are all lanes of a reduction (see [Lanes#VIRTUAL]).
  private static final int WIDEST = 512;

  private VectorBits() {}

  /// Returns the width that this JVM uses.
  ///
  /// @throws IllegalStateException if there is none; the message gives the reason
  public static int ofJvm() {
    return choose(
        VectorShape.preferredShape().vectorBitSize(), System.getProperty("lanewise.vectorBits"));
  }

  /// Returns the width to use.
  ///
  /// @param preferred the width that the JVM prefers on this CPU, which may be more than Lanewise
  ///     can use
  /// @param requested the value of the system property `lanewise.vectorBits`, or null
  /// @throws IllegalStateException if there is no such width; the message gives the reason
  static int choose(int preferred, String requested) {
    if (preferred < NARROWEST) {
      throw new IllegalStateException(
          "Lanewise needs vectors of at least 128 bits, but this JVM has "
              + preferred
              + ": remove -XX:MaxVectorSize, or use a CPU with SSE or NEON");
    }
    int widest = Math.min(Integer.highestOneBit(preferred), WIDEST);
    if (requested == null) {
      return widest;
    }
    int bits =
        switch (requested) {
          case "128" -> 128;
          case "256" -> 256;
          case "512" -> 512;
          default ->
              throw new IllegalStateException(
                  "lanewise.vectorBits is " + requested + ", but must be 128, 256 or 512");
        };
    if (bits > widest) {
      throw new IllegalStateException(
          "lanewise.vectorBits is " + bits + ", but this JVM's vectors have " + widest + " bits");
    }
    return bits;
  }
}
