package io.github.lanewise.properties.bits;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// The file of hashes changes only where it is told to.
class FingerprintFileTest {
  private static final Map<String, String> STORED = Map.of("relu", "01", "tanh", "02");

  @Test
  void aNewKernelIsAdded() {
    FingerprintFile.requireWritable(
        "new", STORED, Map.of("relu", "01", "tanh", "02", "quick_gelu", "03"));
  }

  @Test
  void aKernelWithOtherBitsIsRefusedUnlessAllIsWritten() {
    Map<String, String> other = Map.of("relu", "01", "tanh", "03");
    assertRefused("new", other, "other bits than the file, or are gone: [tanh]");
    FingerprintFile.requireWritable("all", STORED, other);
  }

  @Test
  void aKernelThatIsGoneIsRefusedUnlessAllIsWritten() {
    Map<String, String> fewer = Map.of("relu", "01");
    assertRefused("new", fewer, "or are gone: [tanh]");
    FingerprintFile.requireWritable("all", STORED, fewer);
  }

  @Test
  void anUnknownModeIsRefused() {
    assertRefused("true", STORED, "lanewise.writeFingerprints is 'true', must be new or all");
  }

  private static void assertRefused(String mode, Map<String, String> computed, String message) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> FingerprintFile.requireWritable(mode, STORED, computed));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
