package io.github.lanewise.core;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.VectorBits;
import io.github.lanewise.core.simd.VmOption;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;

/// Describes what the kernels run on in this JVM, and refuses a JVM that cannot run them.
///
/// Lanewise needs the incubator module `jdk.incubator.vector`, vectors of 128 bits or more, a
/// little-endian CPU, hardware FMA and the C2 compiler. Where one of them is missing, the creation
/// of a [FloatArray] fails with an [IllegalStateException] that names the cause and what to do
/// about it. Without FMA or C2 every kernel would still be right, but hundreds of times slower. The
/// system property `lanewise.acceptSlow=true` accepts that, for tests of the interpreter and of C1.
public final class Platform {
  /// The reason why this JVM cannot run the kernels, or null if it can.
  private static final String PROBLEM = problem();

  static {
    if (PROBLEM == null) {
      System.getLogger("io.github.lanewise").log(System.Logger.Level.INFO, Platform::describe);
    }
  }

  private Platform() {}

  /// {@return one line with vector width, FMA, compiler, JDK and CPU, as in
  /// `Lanewise: 512-bit vectors (16 floats), FMA, C2, JDK 25.0.3+9-LTS, amd64`}
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

  /// {@return the width of the vectors of this JVM in bits: 128, 256 or 512}
  ///
  /// A loop of your own must use this width too, since a second one in the same JVM makes all
  /// vectors slow: `VectorSpecies.of(float.class, VectorShape.forBitSize(Platform.vectorBits()))`.
  ///
  /// @throws IllegalStateException if this JVM cannot run the kernels
  public static int vectorBits() {
    require();
    return Lanes.LENGTH * Float.SIZE;
  }

  /// Requires that this JVM can run the kernels.
  ///
  /// @throws IllegalStateException if it cannot
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
    String problem = byteOrderProblem(ByteOrder.nativeOrder());
    if (problem != null) {
      return problem;
    }
    try {
      VectorBits.ofJvm();
      Loop.longestInlined();
    } catch (IllegalStateException e) {
      return e.getMessage();
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

  static String byteOrderProblem(ByteOrder order) {
    return order == ByteOrder.LITTLE_ENDIAN
        ? null
        : "Lanewise needs a little-endian CPU, but this one is big-endian";
  }

  private static boolean hasC2() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler != null
        && compiler.getName().contains("Tiered")
        && VmOption.value("TieredStopAtLevel").equals("4");
  }

  private static boolean vmFlag(String name) {
    return Boolean.parseBoolean(VmOption.value(name));
  }
}
