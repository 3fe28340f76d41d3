package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  /// Trains, and says how much memory that took, in the JVM of the test below.
  static final class Learner {
    private Learner() {}

    public static void main(String[] args) throws IOException {
      int exitCode = Lanewise.run(System.out, System.err, false, args);
      Path status = Path.of("/proc/self/status"); // Linux alone has it
      if (Files.exists(status)) {
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .forEach(System.out::println);
      }
      System.exit(exitCode);
    }
  }

  private Path idx(String name, int rows, int... sizes) throws IOException {
    Path file = directory.resolve(name);
    try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeInt(0x0800 | 1 + sizes.length);
      out.writeInt(rows);
      int pixels = 1;
      for (int size : sizes) {
        out.writeInt(size);
        pixels *= size;
      }
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < pixels; j++) {
          out.writeByte(sizes.length == 0 ? i % 10 : (i * 31 + j * i % 7) & 0xff);
        }
      }
    }
    return file;
  }

  @Test
  void trainingOnSixtyThousandImagesTakesLessThanTwiceTheirSize() throws Exception {
    Path train = idx("train-images-idx3-ubyte", 60_000, 28, 28);
    idx("train-labels-idx1-ubyte", 60_000);
    Path test = idx("test-images-idx3-ubyte", 100, 28, 28);
    idx("test-labels-idx1-ubyte", 100);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx32m",
            "--add-modules=jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            Learner.class.getName(),
            "train",
            "--train",
            train.toString(),
            "--test",
            test.toString(),
            "--epochs",
            "1",
            "--hidden",
            "8",
            "--validation",
            "0.1",
            "--checkpoint",
            directory.resolve("c").toString());
    Process java =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String out = new String(java.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, java.waitFor(), out);
    assertTrue(out.contains("reading " + train + ", 47.0 MB"), out);
    assertTrue(out.contains("training: 54000 rows of 784 features, 10 classes"), out);
    long peak =
        out.lines()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .findFirst()
            .orElse(0);
    long data = 60_000L * COLUMNS * Float.BYTES;
    assertTrue(peak < 2 * data, peak + " bytes for data of " + data);
  }
}
