package io.github.lanewise.nn.io;

import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// One file from which a training goes on, bit for bit, as if it had never stopped.
///
/// A checkpoint has parts with names of the caller's choice. A part is a dictionary of arrays, such
/// as the parameters of a model, or a map of texts, such as the state of a scheduler:
///
/// ```java
/// new Checkpoint()
///     .put("model", model.stateDict())
///     .put("optimizer", optimizer.stateDict(arena))
///     .put("scheduler", scheduler.state())
///     .put("progress", Map.of("epochs", "3", "step", Long.toString(session.step())))
///     .write(file);
///
/// Checkpoint saved = Checkpoint.read(arena, file);
/// model.stateDict().copyFrom(saved.arrays("model"));
/// optimizer.loadStateDict(saved.arrays("optimizer"));
/// scheduler.loadState(saved.texts("scheduler"));
/// session.resumeAt(Long.parseLong(saved.texts("progress").get("step")));
/// batches.skip(Integer.parseInt(saved.texts("progress").get("epochs")));
/// ```
///
/// The step of the session decides what dropout drops, and the epochs decide the order of the rows.
/// Each of the calls that load refuses a state that does not fit, and changes nothing then.
///
/// The file is a [safetensors][SafeTensors] file, written [atomically][AtomicFile], with a checksum
/// over everything: whoever reads it finds a whole checkpoint, the new one or the one before.
public final class Checkpoint {
  private static final String VERSION = "lanewise.checkpoint";
  private static final String ARRAYS = "lanewise.arrays";
  private static final String TEXTS = "lanewise.texts";
  private static final String CURRENT = "1";
  private static final Pattern NAME = Pattern.compile("[a-z][a-zA-Z0-9_]*");

  private final Map<String, StateDict> arrays = new TreeMap<>();
  private final Map<String, Map<String, String>> texts = new TreeMap<>();

  /// Creates a checkpoint without parts.
  public Checkpoint() {}

  /// Adds a part of arrays, which are not copied.
  ///
  /// @param part letters and digits, such as `optimizer`
  /// @param values what it holds; may be empty
  /// @return this checkpoint
  /// @throws IllegalArgumentException if the name is taken, or is none
  public Checkpoint put(String part, StateDict values) {
    requireNew(part);
    arrays.put(part, Objects.requireNonNull(values, "values is null"));
    return this;
  }

  /// Adds a part of texts, which are copied.
  ///
  /// @param part letters and digits, such as `scheduler`
  /// @param values what it holds; may be empty
  /// @return this checkpoint
  /// @throws IllegalArgumentException if the name is taken, or is none
  public Checkpoint put(String part, Map<String, String> values) {
    requireNew(part);
    texts.put(part, Map.copyOf(values));
    return this;
  }

  private void requireNew(String part) {
    if (!NAME.matcher(part).matches() || part.equals("lanewise")) {
      throw new IllegalArgumentException(
          "a part cannot have the name " + FileException.shown(part) + ", must be letters, digits");
    }
    if (arrays.containsKey(part) || texts.containsKey(part)) {
      throw new IllegalArgumentException("the checkpoint already has a part " + part);
    }
  }

  /// {@return the arrays of a part}
  ///
  /// @param part the name under which they were put
  /// @throws IllegalArgumentException if there is no such part
  public StateDict arrays(String part) {
    return require(part, arrays, "arrays");
  }

  /// {@return the texts of a part; unmodifiable}
  ///
  /// @param part the name under which they were put
  /// @throws IllegalArgumentException if there is no such part
  public Map<String, String> texts(String part) {
    return require(part, texts, "texts");
  }

  private static <T> T require(String part, Map<String, T> parts, String kind) {
    T found = parts.get(part);
    if (found == null) {
      throw new IllegalArgumentException(
          "the checkpoint has no %s %s, only %s".formatted(kind, part, parts.keySet()));
    }
    return found;
  }

  /// Writes the file, which is created or replaced.
  ///
  /// @param file the file to write
  /// @throws FileException if writing fails; a file that stood there is as it was
  public void write(Path file) throws FileException {
    StateDict tensors = new StateDict();
    arrays.forEach(
        (part, values) -> {
          for (String name : values.names()) {
            StateDict.Entry entry = values.get(name);
            tensors.put(part + "." + name, entry.shape(), entry.values());
          }
        });
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(VERSION, CURRENT);
    metadata.put(ARRAYS, String.join(",", arrays.keySet()));
    metadata.put(TEXTS, String.join(",", texts.keySet()));
    texts.forEach(
        (part, values) -> values.forEach((key, text) -> metadata.put(part + "." + key, text)));
    SafeTensors.write(file, tensors, metadata);
  }

  /// Reads a file.
  ///
  /// @param arena owns the arrays
  /// @param file what [#write] wrote
  /// @return its parts
  /// @throws FileException if the file is missing, damaged, no checkpoint, or one of another
  ///     version
  public static Checkpoint read(Arena arena, Path file) throws FileException {
    SafeTensors.Contents contents = SafeTensors.readContents(arena, file);
    Map<String, String> metadata = new LinkedHashMap<>(contents.metadata());
    String version = metadata.remove(VERSION);
    if (!CURRENT.equals(version)) {
      throw new FileException(
          file,
          version == null
              ? "is no checkpoint: its metadata has no entry " + VERSION
              : "is a checkpoint of version %s, only version %s is known"
                  .formatted(FileException.shown(version), CURRENT));
    }
    try {
      return parts(contents.tensors(), metadata);
    } catch (IllegalArgumentException e) {
      throw new FileException(file, e.getMessage(), e);
    }
  }

  private static Checkpoint parts(StateDict tensors, Map<String, String> metadata) {
    Checkpoint read = new Checkpoint();
    for (String part : names(metadata.remove(ARRAYS))) {
      read.put(part, new StateDict());
    }
    Map<String, Map<String, String>> texts = new TreeMap<>();
    for (String part : names(metadata.remove(TEXTS))) {
      texts.put(part, new LinkedHashMap<>());
    }
    for (String name : tensors.names()) {
      StateDict.Entry entry = tensors.get(name);
      String part = part(name, read.arrays::containsKey);
      read.arrays.get(part).put(rest(name, part), entry.shape(), entry.values());
    }
    metadata.forEach(
        (key, text) -> {
          String part = part(key, texts::containsKey);
          texts.get(part).put(rest(key, part), text);
        });
    texts.forEach(read::put);
    return read;
  }

  private static List<String> names(String list) {
    return list == null || list.isEmpty() ? List.of() : Arrays.asList(list.split(",", -1));
  }

  private static String part(String name, Predicate<String> isKnown) {
    int dot = name.indexOf('.');
    String part = dot < 0 ? name : name.substring(0, dot);
    if (dot < 0 || !isKnown.test(part)) {
      throw new IllegalArgumentException(
          "has an entry " + FileException.shown(name) + " of no part that it lists");
    }
    return part;
  }

  private static String rest(String name, String part) {
    return name.substring(part.length() + 1);
  }
}
