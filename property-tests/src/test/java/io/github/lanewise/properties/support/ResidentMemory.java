package io.github.lanewise.properties.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The memory of this process that is in RAM.
public final class ResidentMemory {
  private ResidentMemory() {}

  /// In kB; 0 where the system does not tell.
  public static long kilobytes() throws IOException {
    Path statm = Path.of("/proc/self/statm");
    return Files.exists(statm) ? Long.parseLong(Files.readString(statm).split(" ", -1)[1]) * 4 : 0;
  }
}
