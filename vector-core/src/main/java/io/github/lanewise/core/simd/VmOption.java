package io.github.lanewise.core.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/// Reads HotSpot's options, such as `UseFMA`.
public final class VmOption {
  private VmOption() {}

  /// Returns the value of an option, or an empty string on a JVM that does not have it.
  public static String value(String name) {
    HotSpotDiagnosticMXBean options =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return options == null ? "" : options.getVMOption(name).getValue();
    } catch (IllegalArgumentException unknownOption) {
      return "";
    }
  }
}
