package io.github.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What users do: `java -jar lanewise.jar`, without a flag.
final class JarIT {
  private static final String JAR = System.getProperty("lanewise.jar");

  @TempDir Path directory;

  private record Outcome(int exitCode, String out, String err) {}

  private ProcessBuilder java(List<String> options, String arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(Arrays.asList(arguments.replace("@", directory + "/").split(" ", -1)));
    return new ProcessBuilder(command);
  }

  private static Outcome finish(ProcessBuilder builder) throws Exception {
    Process java = builder.start();
    java.getOutputStream().close();
    String out = new String(java.getInputStream().readAllBytes(), UTF_8);
    String err = new String(java.getErrorStream().readAllBytes(), UTF_8);
    return new Outcome(java.waitFor(), out, err);
  }

  private Outcome run(String arguments) throws Exception {
    return finish(java(List.of("-jar", JAR), arguments));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @BeforeEach
  void writeRows() throws IOException {
    StringBuilder rows = new StringBuilder("size,weight,kind\n");
    for (int i = 0; i < 400; i++) {
      rows.append(i).append(',').append(i % 7).append(i < 200 ? ",small\n" : ",large\n");
    }
    Files.writeString(directory.resolve("rows.csv"), rows);
    Files.writeString(directory.resolve("new.csv"), "3,1\n390,5\n");
  }

  @Test
  void saysItsVersionAndNothingElse() throws Exception {
    Outcome outcome = run("--version");
    assertEquals("", outcome.err);
    assertEquals(0, outcome.exitCode);
    assertTrue(outcome.out.matches("lanewise \\d+\\.\\d+\\.\\d+\\S*\nJava \\S+\n"), outcome.out);
  }

  @Test
  void badInputIsCode2AndNoFile() throws Exception {
    Outcome outcome = run("train --train @rows.csv --test @none.csv --save @m --json @j");
    assertEquals(2, outcome.exitCode);
    assertEquals(directory.resolve("none.csv") + ": no such file\n", outcome.err);
    assertEquals(List.of("new.csv", "rows.csv"), files());
  }

  /// A class that is damaged stands for a mistake of ours.
  @Test
  void aMistakeOfOursIsCode1AndAsksToReportIt() throws Exception {
    Path digits = directory.resolve("broken/io/github/lanewise/bench/data/Digits.class");
    Files.createDirectories(digits.getParent());
    Files.writeString(digits, "no class");
    String path = directory.resolve("broken") + File.pathSeparator + JAR;
    Outcome outcome = finish(java(List.of("-cp", path, Main.class.getName()), "train --epochs 1"));
    assertEquals(1, outcome.exitCode, outcome.err);
    assertTrue(
        outcome.err.startsWith("this is a mistake of Lanewise, please report it"), outcome.err);
    assertEquals(1, outcome.err.lines().count(), outcome.err);
  }

  @Test
  void trainsAndPredictsThroughStandardInputAndOutput() throws Exception {
    Outcome trained =
        finish(
            java(
                    List.of("-jar", JAR),
                    "train --train /dev/stdin --test @rows.csv --epochs 30 --lr 0.05 --save @m")
                .redirectInput(directory.resolve("rows.csv").toFile()));
    assertEquals(0, trained.exitCode, trained.err);
    ProcessBuilder first =
        java(List.of("-jar", JAR), "predict --model @m --data @new.csv --output /dev/stdout");
    Outcome predicted = finish(first);
    assertEquals("", predicted.err);
    assertTrue(predicted.out.matches("class,probability\nsmall,\\S+\nlarge,\\S+\n"), predicted.out);
    ProcessBuilder cat = new ProcessBuilder("cat", directory.resolve("new.csv").toString());
    List<Process> pipe =
        ProcessBuilder.startPipeline(
            List.of(
                cat,
                java(
                    List.of("-jar", JAR),
                    "predict --model @m --data /dev/stdin --output /dev/stdout")));
    String piped = new String(pipe.getLast().getInputStream().readAllBytes(), UTF_8);
    assertEquals(predicted.out, piped);
    assertEquals(0, pipe.getLast().waitFor());
  }

  @Test
  void whoeverEndsItFindsACheckpointAndNoHalfWrittenFile() throws Exception {
    String command = "train --train @rows.csv --test @rows.csv --hidden 64,64 --dropout 0.2 ";
    Process java =
        java(List.of("-jar", JAR), command + "--epochs 1000000 --checkpoint @c --save @m").start();
    try (var out = java.inputReader()) {
      String line = out.readLine();
      while (line != null && !line.startsWith("epoch 3/")) {
        line = out.readLine();
      }
      java.toHandle().destroy(); // Process.destroy would close its output
      String last = line;
      while (line != null) {
        last = line;
        line = out.readLine();
      }
      assertEquals("stopped: --resume " + directory.resolve("c") + " goes on", last);
      assertTrue(java.waitFor(1, TimeUnit.MINUTES));
    }
    assertEquals("", new String(java.getErrorStream().readAllBytes(), UTF_8));
    assertEquals(143, java.exitValue()); // 128 + SIGTERM
    assertEquals(List.of("c", "new.csv", "rows.csv"), files());
    byte[] checkpoint = Files.readAllBytes(directory.resolve("c"));
    Outcome resumed = run(command + "--epochs 1 --resume @c --save @m");
    assertEquals("", resumed.err);
    assertTrue(resumed.out.contains("resumed from " + directory.resolve("c")), resumed.out);
    assertArrayEquals(checkpoint, Files.readAllBytes(directory.resolve("c")));
    assertEquals(List.of("c", "m", "new.csv", "rows.csv"), files());
  }
}
