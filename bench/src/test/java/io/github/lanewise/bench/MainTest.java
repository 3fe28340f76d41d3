package io.github.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The entry point, in a JVM of its own.
final class MainTest {
  private static final int CLASS_FORMAT_OF_JAVA_17 = 61;

  private record Outcome(int exitCode, String out, String err) {}

  private static Outcome java(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(arguments));
    Process java = new ProcessBuilder(command).start();
    String out = new String(java.getInputStream().readAllBytes(), UTF_8);
    String err = new String(java.getErrorStream().readAllBytes(), UTF_8);
    return new Outcome(java.waitFor(), out, err);
  }

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
    Outcome outcome = java("io.github.lanewise.bench.Main", "train");
    assertEquals(2, outcome.exitCode);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    assertTrue(
        outcome.err.startsWith(
            "Lanewise needs the flag --add-modules jdk.incubator.vector: run java --add-modules"),
        outcome.err);
  }

  @Test
  void handsItsArgumentsToTheCommandLine() throws Exception {
    Outcome outcome =
        java("--add-modules", "jdk.incubator.vector", "io.github.lanewise.bench.Main", "--version");
    assertEquals(0, outcome.exitCode, outcome.err);
    assertTrue(outcome.out.startsWith("lanewise "), outcome.out);
  }
}
