package io.github.lanewise.core;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.lanewise.core.simd.Lanes;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;

/// What this JVM runs the kernels on, and whether it can.
///
/// Lanewise needs the incubator module `jdk.incubator.vector`, hardware FMA and the C2 compiler.
/// Without one of them every kernel would still be right, but hundreds of times slower, so that the
/// first [FloatArray] is refused instead, with the cause and the flag. The system property
/// `lanewise.acceptSlow=true` lifts the last two, for tests of the interpreter and of C1.
public final class Platform {
  /// Why this JVM cannot run the kernels, or null.
  private static final String PROBLEM = problem();

  static {
    if (PROBLEM == null) {
      System.getLogger("io.github.lanewise").log(System.Logger.Level.INFO, Platform::describe);
    }
  }

  private Platform() {}

  /// One line: vector width, FMA, compiler, JDK and CPU, as in
  /// `Lanewise: 512-bit vectors (16 floats), FMA, C2, JDK 25.0.3+9-LTS, amd64`.
  ///
  /// @throws IllegalStateException if this JVM cannot run the kernels
  public static String describe() {
    require();
    return "Lanewise: %d-bit vectors (%d floats), %s, %s, JDK %s, %s"
        .formatted(
            Lanes.LENGTH * Float.SIZE,
            Lanes.LENGTH,
            vmFlag("UseFMA") ? "FMA" : "no FMA",
            hasC2() ? "C2" : "no C2",
            Runtime.version(),
            System.getProperty("os.arch"));
  }

  /// @throws IllegalStateException if this JVM cannot run the kernels
  static void require() {
    if (PROBLEM != null) {
      throw new IllegalStateException(PROBLEM);
    }
  }

  private static String problem() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return "Lanewise needs the Vector API: start java with --add-modules jdk.incubator.vector";
    }
    if ("0".equals(System.getProperty("jdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK"))) {
      return "Lanewise needs checked memory access: remove the system property"
          + " jdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK";
    }
    if (Boolean.getBoolean("lanewise.acceptSlow")) {
      return null;
    }
    if (!hasC2()) {
      return "Lanewise needs the C2 compiler: run on a HotSpot server JVM, without -Xint and"
          + " without -XX:TieredStopAtLevel below 4";
    }
    if (!vmFlag("UseFMA")) {
      return "Lanewise needs hardware FMA (the JVM's flag UseFMA is false): use a CPU with FMA,"
          + " remove -XX:-UseFMA, or let the virtual machine show the host's CPU";
    }
    return null;
  }

  private static boolean hasC2() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler != null
        && compiler.getName().contains("Tiered")
        && vmOption("TieredStopAtLevel").equals("4");
  }

  private static boolean vmFlag(String name) {
    return Boolean.parseBoolean(vmOption(name));
  }

  /// The value of a HotSpot option; empty on a JVM that does not have it.
  private static String vmOption(String name) {
    HotSpotDiagnosticMXBean options =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return options == null ? "" : options.getVMOption(name).getValue();
    } catch (IllegalArgumentException unknownOption) {
      return "";
    }
  }
}
