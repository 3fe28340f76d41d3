package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reading needs the memory of the rows and little more, in a JVM of its own with a small heap.
final class DataSetMemoryTest {
  private static final int ROWS = 12_000;
  private static final int COLUMNS = 784;

  @TempDir Path directory;

  /// Reads a file, in the JVM of the test below.
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) throws FileException {
      try (Arena arena = Arena.ofConfined()) {
        System.out.print(DataSet.read(arena, Path.of(args[0])));
      }
    }
  }

  @Test
  void aHeapMuchSmallerThanTheRowsSuffices() throws IOException, InterruptedException {
    Path file = directory.resolve("digits.csv");
    try (Writer out = Files.newBufferedWriter(file)) {
      String row = "0,".repeat(COLUMNS - 2) + "255,128,";
      for (int i = 0; i < ROWS; i++) {
        out.write(row + i % 10 + "\n");
      }
    }
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m", // the rows take 37.6 MB
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertEquals("12000 rows of 784 features, 10 classes", out);
    assertEquals(0, java.waitFor());
  }
}
