package io.github.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The entry point, in a JVM of its own.
final class MainTest {
  private static final int CLASS_FORMAT_OF_JAVA_17 = 61;

  @Test
  void anyJavaFrom17OnCanLoadIt() throws IOException {
    try (var in = new DataInputStream(Main.class.getResourceAsStream("Main.class"))) {
      in.readInt();
      in.readUnsignedShort();
      assertEquals(CLASS_FORMAT_OF_JAVA_17, in.readUnsignedShort());
    }
  }

  @Test
  void namesTheFlagThatIsMissing() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.lanewise.bench.Main",
                "train")
            .start();
    String err = new String(java.getErrorStream().readAllBytes(), UTF_8);
    assertEquals(2, java.waitFor());
    assertEquals(1, err.lines().count(), err);
    assertTrue(
        err.startsWith(
            "Lanewise needs the flag --add-modules jdk.incubator.vector: run java --add-modules"),
        err);
  }
}
