package io.github.lanewise.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// README's recipes for a program that is a module: it runs without a flag on the module path, and
/// as an image by `jlink`.
final class ImageIT {
  private static final long MEGABYTE = 1 << 20;

  @TempDir Path directory;

  private String modulePath;

  @BeforeEach
  void compile() throws IOException {
    Path source = directory.resolve("src/my");
    Files.createDirectories(source);
    Files.writeString(
        directory.resolve("src/module-info.java"),
        "module my.service { requires io.github.lanewise.nn; }");
    Files.writeString(
        source.resolve("Service.java"),
        """
        package my;

        import io.github.lanewise.core.Activation;
        import io.github.lanewise.nn.Linear;
        import io.github.lanewise.nn.Sequential;
        import java.lang.foreign.Arena;

        public class Service {
          public static void main(String[] args) {
            try (Arena arena = Arena.ofConfined()) {
              Sequential network = Sequential.of(Linear.of(2, 4), Activation.RELU);
              float[] y = new float[4];
              network.initialize(arena, 1).inference(arena, 1).forward(new float[2], y);
              System.out.println(y.length + " outputs");
            }
          }
        }
        """);
    String libraries =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(each -> each.matches(".*(\\bnn|vector-core|jackson-core|fastcsv)\\b.*"))
            .collect(Collectors.joining(File.pathSeparator));
    modulePath = directory.resolve("app") + File.pathSeparator + libraries;
    run(
        "javac",
        "-d",
        directory.resolve("app").toString(),
        "--module-path",
        libraries,
        directory.resolve("src/module-info.java").toString(),
        source.resolve("Service.java").toString());
  }

  private static void run(String tool, String... arguments) {
    int exitCode =
        ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, arguments);
    assertEquals(0, exitCode, tool);
  }

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertEquals(0, process.waitFor(), out);
    return out;
  }

  @Test
  void aModuleNeedsNoFlag() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String out = output(java, "--module-path", modulePath, "-m", "my.service/my.Service");
    assertTrue(out.endsWith("4 outputs\n"), out);
  }

  @Test
  void jlinkMakesAnImageThatRuns() throws Exception {
    Path image = directory.resolve("image");
    List<String> arguments =
        new ArrayList<>(List.of("--module-path", modulePath, "--add-modules", "my.service"));
    arguments.addAll(List.of("--launcher", "serve=my.service/my.Service"));
    arguments.addAll(List.of("--output", image.toString()));
    run("jlink", arguments.toArray(String[]::new));
    String out = output(image.resolve("bin/serve").toString());
    assertTrue(out.endsWith("4 outputs\n"), out);
    long bytes = 0;
    try (Stream<Path> files = Files.walk(image)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    assertTrue(bytes > 30 * MEGABYTE && bytes < 90 * MEGABYTE, bytes / MEGABYTE + " MB");
  }
}
