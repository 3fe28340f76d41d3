package io.github.lanewise.bench.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `--json` writes for programs: a JSON object, in the order of [#put].
final class Report {
  private final Map<String, Object> entries = new LinkedHashMap<>();

  /// Adds a number or a text, or a list or a map of values; null if there is none.
  Report put(String key, Object value) {
    entries.put(key, value);
    return this;
  }

  /// What was put last under a key.
  Object get(String key) {
    return entries.get(key);
  }

  /// Requires that files can be written to a directory, which may have to be made.
  ///
  /// @throws FileException if that cannot be
  static void requireDirectory(Path directory) throws FileException {
    Path existing = directory.toAbsolutePath().normalize();
    while (!Files.exists(existing, LinkOption.NOFOLLOW_LINKS) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new FileException(existing, "is no directory");
    }
    if (!Files.isWritable(existing)) {
      throw new FileException(existing, "the directory is not writable");
    }
  }

  /// Writes files into a directory, which is made if it is missing.
  ///
  /// @param files the content of each by its place in the directory
  static void write(Path directory, Map<String, String> files) throws FileException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path target = directory.resolve(file.getKey());
      try {
        Files.createDirectories(target.getParent());
      } catch (IOException e) {
        throw FileException.of(target.getParent(), e);
      }
      byte[] bytes = file.getValue().getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(target, to -> to.write(bytes));
    }
  }

  /// Writes the file, or leaves it as it was if that fails.
  void write(Path file) throws FileException {
    AtomicFile.write(file, this::writeTo);
  }

  private void writeTo(OutputStream out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
      write(json, entries);
      json.writeRaw('\n');
    }
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Integer whole -> json.writeNumber(whole);
      case Long whole -> json.writeNumber(whole);
      case Number number -> json.writeNumber(number.doubleValue());
      case Map<?, ?> members -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> member : members.entrySet()) {
          json.writeFieldName(member.getKey().toString());
          write(json, member.getValue());
        }
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        for (Object each : list) {
          write(json, each);
        }
        json.writeEndArray();
      }
      default -> json.writeString(value.toString());
    }
  }
}
