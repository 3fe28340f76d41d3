package io.github.lanewise.core.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorBitsTest {
  /// A CPU with SVE may have vectors of up to 2048 bits, also of sizes that are no power of two.
  @ParameterizedTest
  @CsvSource({"128, 128", "256, 256", "512, 512", "384, 256", "1024, 512", "2048, 512"})
  void theWidestThatCpuAndLibraryShareIsTaken(int preferred, int chosen) {
    assertEquals(chosen, VectorBits.choose(preferred, null));
  }

  @ParameterizedTest
  @CsvSource({"512, 128", "512, 256", "512, 512", "1024, 512", "128, 128"})
  void thePropertyNarrowsTheVectors(int preferred, String requested) {
    assertEquals(Integer.parseInt(requested), VectorBits.choose(preferred, requested));
  }

  @Test
  void vectorsOf64BitsAreRefused() {
    assertEquals(
        "Lanewise needs vectors of at least 128 bits, but this JVM has 64: remove"
            + " -XX:MaxVectorSize, or use a CPU with SSE or NEON",
        message(64, null));
  }

  @Test
  void aWidthThatTheCpuLacksIsRefused() {
    assertEquals(
        "lanewise.vectorBits is 512, but this JVM's vectors have 256 bits", message(256, "512"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "wide", "64", "1024", "-256", "256 "})
  void whatIsNoWidthIsRefused(String requested) {
    assertEquals(
        "lanewise.vectorBits is " + requested + ", but must be 128, 256 or 512",
        message(512, requested));
  }

  private static String message(int preferred, String requested) {
    return assertThrows(IllegalStateException.class, () -> VectorBits.choose(preferred, requested))
        .getMessage();
  }
}
