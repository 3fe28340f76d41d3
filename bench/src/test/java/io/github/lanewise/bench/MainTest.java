package io.github.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The entry point, in a JVM of its own.
final class MainTest {
  private static final int CLASS_FORMAT_OF_JAVA_17 = 61;

  @TempDir Path directory;

  private record Outcome(int exitCode, String out, String err) {}

  private static ProcessBuilder command(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  private static Outcome finish(Process java) throws IOException, InterruptedException {
    java.getOutputStream().close();
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
  void startsItselfAgainWithTheModuleAndSaysNothingOfIt() throws Exception {
    Outcome outcome = finish(command(List.of(), "--version").start());
    assertEquals("", outcome.err);
    assertEquals(0, outcome.exitCode);
    assertTrue(outcome.out.startsWith("lanewise "), outcome.out);
  }

  @Test
  void passesOnTheExitCodeAndTheErrorAndArgumentsWithSpaces() throws Exception {
    Outcome outcome = finish(command(List.of(), "fly away", "").start());
    assertEquals(2, outcome.exitCode);
    assertTrue(outcome.err.startsWith("'fly away' is no command: name one of"), outcome.err);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
    assertEquals("", outcome.out);
  }

  @Test
  void keepsTheOptionsOfTheJvm() throws Exception {
    // C1 alone cannot run the kernels, which the second JVM says, and no option is lost or doubled.
    ProcessBuilder builder = command(List.of("-XX:TieredStopAtLevel=1"), "train");
    builder.environment().put("JDK_JAVA_OPTIONS", "-Xlog:os=off");
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Xshare:auto");
    Outcome outcome = finish(builder.start());
    assertEquals(2, outcome.exitCode, outcome.err);
    assertTrue(outcome.err.contains("C2"), outcome.err);
    assertEquals(
        1,
        outcome.err.lines().filter(line -> line.startsWith("Picked up JAVA_TOOL_OPTIONS")).count(),
        outcome.err);
  }

  @Test
  void handsOnTheInputAndEndsWithThePrograms() throws Exception {
    Path rows = Files.writeString(directory.resolve("rows.csv"), "1,2,a\n3,4,b\n");
    ProcessBuilder builder =
        command(
            List.of(),
            "train",
            "--train",
            "/dev/stdin",
            "--test",
            rows.toString(),
            "--epochs",
            "1");
    builder.redirectInput(rows.toFile());
    Outcome outcome = finish(builder.start());
    assertEquals(0, outcome.exitCode, outcome.err);
    assertTrue(outcome.out.contains("training: 2 rows of 2 features, 2 classes"), outcome.out);
  }

  @Test
  void whoeverEndsItEndsBothJvms() throws Exception {
    Process java = command(List.of(), "train", "--epochs", "100000").start();
    java.getInputStream().read(); // the second JVM works
    List<ProcessHandle> children = java.children().toList();
    assertEquals(1, children.size());
    java.destroy();
    assertTrue(java.waitFor(1, TimeUnit.MINUTES));
    assertFalse(children.getFirst().isAlive());
  }

  @Test
  void handsItsArgumentsToTheCommandLine() throws Exception {
    Outcome outcome =
        finish(command(List.of("--add-modules", "jdk.incubator.vector"), "--version").start());
    assertEquals(0, outcome.exitCode, outcome.err);
    assertTrue(outcome.out.startsWith("lanewise "), outcome.out);
  }
}
