package io.github.lanewise.properties.bits;

import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The file of hashes that every width, compiler and machine has to meet.
public final class FingerprintFile {
  static final boolean WRITES = Boolean.getBoolean("lanewise.writeFingerprints");
  private static final String FILE = "fingerprints.txt";

  private static final String HEADER =
      """
      # SHA-256 of the results of every kernel, the same on every vector width, compiler and CPU.
      # After a change of arithmetic that is meant, write this file anew, and say so in the commit:
      #   mvn test -pl property-tests -am -Dtest=ReproducibilityTest \\
      #     -Dsurefire.failIfNoSpecifiedTests=false -Dlanewise.writeFingerprints=true
      """;

  private FingerprintFile() {}

  /// The hashes of the file whose names begin with `prefix`.
  public static Map<String, String> stored(String prefix) throws IOException {
    Map<String, String> stored = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : parse(storedLines()).entrySet()) {
      if (entry.getKey().startsWith(prefix)) {
        stored.put(entry.getKey(), entry.getValue());
      }
    }
    return stored;
  }

  private static List<String> storedLines() throws IOException {
    if (WRITES) {
      return Files.readAllLines(source()); // the copy beside the classes is the old one
    }
    try (InputStream in = FingerprintFile.class.getResourceAsStream(FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  static Map<String, String> parse(List<String> lines) {
    Map<String, String> hashes = new LinkedHashMap<>();
    for (String line : lines) {
      if (!line.startsWith("#")) {
        int space = line.indexOf(' ');
        hashes.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    return hashes;
  }

  static void write() throws IOException {
    StringBuilder text = new StringBuilder(HEADER);
    for (boolean isLong : new boolean[] {true, false}) {
      Fingerprints.all(isLong)
          .forEach((name, hash) -> text.append(name).append(' ').append(hash).append('\n'));
    }
    Files.writeString(source(), text);
  }

  private static Path source() {
    return Modules.root()
        .resolve("property-tests/src/test/resources/io/github/lanewise/properties/bits")
        .resolve(FILE);
  }
}
