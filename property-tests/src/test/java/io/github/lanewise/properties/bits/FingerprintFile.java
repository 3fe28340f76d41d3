package io.github.lanewise.properties.bits;

import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The file of hashes that every width, compiler and machine has to meet.
public final class FingerprintFile {
  /// Says that the file is to be written, and how: see the file's header.
  static final String PROPERTY = "lanewise.writeFingerprints";

  private static final String FILE = "fingerprints.txt";

  private static final String HEADER =
      """
      # SHA-256 of the results of every kernel, the same on every vector width, compiler and CPU.
      # This command adds the lines of new kernels, and refuses to change a line that is here:
      #   mvn test -pl property-tests -am -Dtest=ReproducibilityTest \\
      #     -Dsurefire.failIfNoSpecifiedTests=false -Dlanewise.writeFingerprints=new
      # With =all it writes every line anew: for a change of arithmetic that is meant, with the
      # reason in the commit.
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

  /// Reads lines of a name and a hash.
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

  /// Writes the file among the sources if the system property asks for it.
  static void writeIfAsked() throws IOException {
    String mode = System.getProperty(PROPERTY);
    if (mode != null) {
      Map<String, String> computed = new LinkedHashMap<>(Fingerprints.all(true));
      computed.putAll(Fingerprints.all(false));
      requireWritable(mode, parse(Files.readAllLines(source())), computed);
      StringBuilder text = new StringBuilder(HEADER);
      computed.forEach((name, hash) -> text.append(name).append(' ').append(hash).append('\n'));
      Files.writeString(source(), text);
    }
  }

  /// Requires that `computed` may take the place of `stored`.
  ///
  /// @throws IllegalArgumentException if the mode is `new` and a line would change or vanish, or
  ///     if there is no such mode
  static void requireWritable(
      String mode, Map<String, String> stored, Map<String, String> computed) {
    if (!List.of("new", "all").contains(mode)) {
      throw new IllegalArgumentException(PROPERTY + " is '" + mode + "', must be new or all");
    }
    List<String> changed = new ArrayList<>();
    stored.forEach(
        (name, hash) -> {
          if (!hash.equals(computed.get(name))) {
            changed.add(name);
          }
        });
    if (mode.equals("new") && !changed.isEmpty()) {
      throw new IllegalArgumentException(
          "these kernels have other bits than the file, or are gone: "
              + changed
              + "; if that is meant, use -D"
              + PROPERTY
              + "=all");
    }
  }

  private static List<String> storedLines() throws IOException {
    if (System.getProperty(PROPERTY) != null) {
      return Files.readAllLines(source()); // the copy beside the classes is the old one
    }
    try (InputStream in = FingerprintFile.class.getResourceAsStream(FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static Path source() {
    return Modules.root()
        .resolve("property-tests/src/test/resources/io/github/lanewise/properties/bits")
        .resolve(FILE);
  }
}
