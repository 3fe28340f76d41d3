package io.github.lanewise.properties.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Another JVM of the same kind and class path.
public final class ForkedJvm {
  public static final String VECTOR_MODULE = "--add-modules=jdk.incubator.vector";

  /// As many run at a time as there are cores.
  private static final ExecutorService BESIDE =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(), Thread.ofPlatform().daemon().factory());

  private ForkedJvm() {}

  /// What a program printed, errors included, and how it ended.
  public record Outcome(int exitCode, List<String> lines) {
    public String text() {
      return String.join("\n", lines);
    }
  }

  /// Runs beside the caller, as soon as a core is free.
  public static Future<Outcome> submit(List<String> options, Class<?> main, String... arguments) {
    return BESIDE.submit(() -> run(options, main, arguments));
  }

  public static Process start(List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  public static Outcome finish(Process process) throws IOException, InterruptedException {
    byte[] output = process.getInputStream().readAllBytes();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("no end after 5 minutes");
    }
    String text = new String(output, StandardCharsets.UTF_8);
    return new Outcome(process.exitValue(), text.lines().toList());
  }

  public static Outcome run(List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    return finish(start(options, main, arguments));
  }
}
