package io.github.lanewise.bench;

import java.lang.reflect.InvocationTargetException;

/// The entry point of the jar, which hands its arguments to the command line in the package `cli`.
///
/// It is compiled for Java 17 and loads no other class of Lanewise before its checks, so that a
/// Java that is too old, or was started without the flag, prints one sentence instead of a stack
/// trace.
public final class Main {
  private static final int NEEDED = 25;
  private static final String MODULE = "jdk.incubator.vector";

  private Main() {}

  /// Runs the command that the arguments name, and ends the JVM with its exit code.
  public static void main(String[] args) throws ReflectiveOperationException {
    int java = Runtime.version().feature();
    String command =
        "java --add-modules " + MODULE + " -jar " + System.getProperty("java.class.path");
    if (java < NEEDED) {
      refuse("Lanewise needs Java 25 or newer, this is Java " + java + ": run it with " + command);
    }
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      String rest = args.length == 0 ? "" : " " + String.join(" ", args);
      refuse("Lanewise needs the flag --add-modules " + MODULE + ": run " + command + rest);
    }
    try {
      Class.forName("io.github.lanewise.bench.cli.Lanewise")
          .getDeclaredMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void refuse(String problem) {
    System.err.println(problem);
    System.exit(2);
  }
}
