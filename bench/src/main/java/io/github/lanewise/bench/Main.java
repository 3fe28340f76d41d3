package io.github.lanewise.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The entry point of the jar, which hands its arguments to the command line in the package `cli`.
///
/// The Vector API is in an incubator module, which a JVM loads only if it is told so when it
/// starts. Started without the flag, the program starts itself once more with it: the same Java,
/// the same options, the same input and output, and the exit code is passed on.
///
/// It is compiled for Java 17 and loads no other class of Lanewise before its checks, so that a
/// Java that is too old prints one sentence instead of a stack trace.
public final class Main {
  private static final int NEEDED = 25;
  private static final String MODULE = "jdk.incubator.vector";

  /// What the JVM prints before anything else if it loads the module. Users need not know.
  private static final String WARNING = "WARNING: Using incubator modules: " + MODULE;

  private Main() {}

  /// Runs the command that the arguments name, and ends the JVM with its exit code.
  public static void main(String[] args) throws Exception {
    int java = Runtime.version().feature();
    if (java < NEEDED) {
      System.err.println(
          "Lanewise needs Java 25 or newer, this is Java "
              + java
              + ": run it with that of a JDK 25");
      System.exit(2);
    }
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      System.exit(runWithModule(args));
    }
    try {
      Class.forName("io.github.lanewise.bench.cli.Lanewise")
          .getDeclaredMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static int runWithModule(String[] args) throws IOException, InterruptedException {
    String home = System.getProperty("java.home");
    List<String> command = new ArrayList<>();
    command.add(home + File.separator + "bin" + File.separator + "java");
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("--add-modules", MODULE));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(Arrays.asList(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).inheritIO().redirectError(ProcessBuilder.Redirect.PIPE);
    // Their options are among the input arguments, and would otherwise apply twice.
    builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
    Process process = builder.start();
    // Ends with the other JVM, not before it, when a user or the system asks for the end.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
    copyWithoutWarning(process.getErrorStream(), System.err);
    return process.waitFor();
  }

  private static void end(Process process) {
    process.toHandle().destroy(); // Process.destroy would close its error stream, which is read
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Copies bytes as they come, but for the first line if it is the warning.
  private static void copyWithoutWarning(InputStream from, PrintStream to) throws IOException {
    byte[] warning = WARNING.getBytes(StandardCharsets.UTF_8);
    byte[] begin = from.readNBytes(warning.length);
    if (Arrays.equals(begin, warning)) {
      int next = from.read();
      while (next >= 0 && next != '\n') { // the end of the line may be \r\n
        next = from.read();
      }
    } else {
      to.write(begin);
      to.flush();
    }
    byte[] chunk = new byte[1 << 12];
    for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
      to.write(chunk, 0, n);
      to.flush();
    }
  }
}
