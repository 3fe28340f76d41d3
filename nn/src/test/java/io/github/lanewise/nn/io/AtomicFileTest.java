package io.github.lanewise.nn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicFileTest {
  @TempDir Path directory;

  private static AtomicFile.Content text(String text) {
    return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void createsAndReplaces() throws IOException {
    Path file = directory.resolve("file");
    AtomicFile.write(file, text("old and long"));
    AtomicFile.write(file, text("new"));
    assertEquals("new", Files.readString(file));
    assertEquals(List.of("file"), files());
  }

  @Test
  void leavesTheOldFileAndNoOtherWhenWritingFails() throws IOException {
    Path file = directory.resolve("file");
    AtomicFile.write(file, text("old"));
    AtomicFile.Content failing =
        out -> {
          out.write(new byte[1 << 20]);
          throw new IOException("No space left on device");
        };
    var e = assertThrows(FileException.class, () -> AtomicFile.write(file, failing));
    assertEquals(file + ": No space left on device", e.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("file"), files());

    AtomicFile.Content broken =
        out -> {
          throw new IllegalStateException("closed array");
        };
    assertThrows(IllegalStateException.class, () -> AtomicFile.write(file, broken));
    assertEquals(List.of("file"), files());
  }

  @Test
  void showsTheOldFileUntilAllIsWritten() throws IOException {
    Path file = directory.resolve("file");
    AtomicFile.write(file, text("old"));
    AtomicFile.write(
        file,
        out -> {
          out.write('n');
          assertEquals("old", Files.readString(file));
        });
    assertEquals("n", Files.readString(file));
  }

  @Test
  void refusesATargetThatIsNoRegularFile() throws IOException {
    var e = assertThrows(FileException.class, () -> AtomicFile.write(directory, text("")));
    assertEquals(directory + ": is not a regular file, and is left alone", e.getMessage());
    Path missing = directory.resolve("missing/file");
    e = assertThrows(FileException.class, () -> AtomicFile.write(missing, text("")));
    assertEquals(missing + ": no such directory", e.getMessage());
    assertEquals(List.of(), files());
  }

  @Test
  void leavesASymbolicLinkAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "old");
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    assertThrows(FileException.class, () -> AtomicFile.write(link, text("new")));
    Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nothing"));
    assertThrows(FileException.class, () -> AtomicFile.write(dangling, text("new")));
    assertTrue(Files.isSymbolicLink(link) && Files.isSymbolicLink(dangling));
    assertEquals("old", Files.readString(file));
  }

  /// A program that is told to end when half of a file is written.
  static final class Ended {
    public static void main(String[] arguments) throws IOException {
      Thread end = new Thread(() -> System.exit(3));
      AtomicFile.write(
          Path.of(arguments[0]),
          out -> {
            out.write(text("half "));
            end.start();
            while (!isEnding()) {
              Thread.onSpinWait();
            }
            out.write(text("and half"));
          });
    }

    private static byte[] text(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The JVM takes no more hooks once it ends.
    private static boolean isEnding() {
      try {
        Thread probe = new Thread(() -> {});
        Runtime.getRuntime().addShutdownHook(probe);
        return !Runtime.getRuntime().removeShutdownHook(probe);
      } catch (IllegalStateException e) {
        return true;
      }
    }
  }

  @Test
  void finishesTheFileBeforeTheJvmEnds() throws Exception {
    Path file = directory.resolve("file");
    AtomicFile.write(file, text("old"));
    String classes = place(AtomicFile.class) + File.pathSeparator + place(AtomicFileTest.class);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process jvm =
        new ProcessBuilder(java, "-cp", classes, Ended.class.getName(), file.toString())
            .redirectErrorStream(true)
            .start();
    assertEquals("", new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertEquals(3, jvm.waitFor());
    assertEquals("half and half", Files.readString(file));
    assertEquals(List.of("file"), files());
  }

  private static Path place(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
