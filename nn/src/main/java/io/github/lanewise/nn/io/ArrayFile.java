package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads [DataSet]s from files that hold one array, IDX and `.npy`, with the targets in a second
/// file.
final class ArrayFile {
  private ArrayFile() {}

  /// Whether the stream begins as such a file does.
  static boolean recognises(InputStream in) throws IOException {
    return IdxFile.recognises(in) || NpyHeader.recognises(in);
  }

  /// Reads the features, and the targets if there are any.
  ///
  /// @param targets the file of the targets; null for the one beside the file of the features
  static DataSet read(Arena arena, DataFile file, Path targets, DataFormat format)
      throws IOException {
    StateDict.Entry array = array(arena, file);
    Shape shape = array.shape();
    if (shape.rank() < 2) {
      throw new FileException(
          file.path(), "has one value a row, as classes do; name the file of the features");
    }
    if (shape.elements() == 0 || shape.size(0) > Integer.MAX_VALUE - 8) {
      throw new FileException(
          file.path(),
          shape.elements() == 0
              ? "has no row of data"
              : "has " + shape.size(0) + " rows, too many");
    }
    int rows = (int) shape.size(0);
    long columns = shape.elements() / rows;
    if (!format.anyFeatures() && columns != format.features()) {
      throw new FileException(
          file.path(),
          "has %d features, the network takes %d".formatted(columns, format.features()));
    }
    if (columns > Integer.MAX_VALUE) {
      throw new FileException(file.path(), "has " + columns + " features in a row, too many");
    }
    requireFinite(file.path(), array.values(), columns);
    Optional<Path> beside = Optional.ofNullable(targets).or(() -> targetsBeside(file.path()));
    if (beside.isPresent()) {
      return labelled(arena, file.path(), array.values(), rows, beside.get(), format);
    }
    if (format.anyFeatures()) {
      throw new FileException(
          file.path(),
          "the file with %s is not beside it: %s"
              .formatted(format.targetsInWords(), besideInWords(file.path())));
    }
    return DataSet.unlabelled(array.values(), (int) columns);
  }

  private static StateDict.Entry array(Arena arena, DataFile file) throws IOException {
    try (InputStream in = file.glance()) {
      if (!recognises(in)) {
        throw new FileException(file.path(), "does not begin as an IDX or .npy file does");
      }
      return IdxFile.recognises(in) ? IdxFile.read(arena, file) : NpyFile.read(arena, file);
    }
  }

  private static void requireFinite(Path file, FloatArray values, long columns)
      throws FileException {
    for (long i = 0; i < values.length(); i++) {
      if (!Float.isFinite(values.get(i))) {
        throw new FileException(
            file,
            "row %d: column %d has %s, not a finite number"
                .formatted(i / columns + 1, i % columns + 1, values.get(i)));
      }
    }
  }

  private static DataSet labelled(
      Arena arena, Path features, FloatArray values, int rows, Path targets, DataFormat format)
      throws IOException {
    try {
      StateDict.Entry array = array(arena, DataFile.of(targets, bytes -> {}));
      Shape shape = array.shape();
      boolean fits =
          shape.elements() == (long) rows * format.targets()
              && shape.rank() >= 1
              && shape.size(0) == rows
              && shape.rank() <= 2;
      if (!fits) {
        throw new FileException(
            targets,
            "has shape %s, but %s has %d rows, each with %s"
                .formatted(shape, features.getFileName(), rows, format.targetsInWords()));
      }
      int columns = Math.toIntExact(values.length() / rows);
      if (format.task() != Task.CLASSIFICATION) {
        requireTargets(targets, array.values(), format);
        return DataSet.withTargets(values, columns, array.values());
      }
      Classes classes = new Classes(format.classNames());
      int[] labels = new int[rows];
      for (int row = 0; row < rows; row++) {
        labels[row] = label(targets, classes, row, array.values().get(row));
      }
      int[] indices = classes.indices();
      for (int row = 0; row < rows; row++) {
        labels[row] = indices[labels[row]];
      }
      return DataSet.of(values, columns, labels).withNames(List.of(), classes.names());
    } catch (IOException e) {
      throw DataFile.failure(targets, e);
    }
  }

  private static int label(Path file, Classes classes, int row, float value) throws FileException {
    if (value != (int) value || value < 0 || value >= DataSet.MAX_CLASSES) {
      throw new FileException(
          file,
          "row %d: class %s is not a whole number in 0..%d"
              .formatted(row + 1, value, DataSet.MAX_CLASSES - 1));
    }
    try {
      return classes.number(Integer.toString((int) value));
    } catch (IllegalArgumentException e) {
      throw new FileException(file, "row %d: %s".formatted(row + 1, e.getMessage()), e);
    }
  }

  private static void requireTargets(Path file, FloatArray values, DataFormat format)
      throws FileException {
    requireFinite(file, values, format.targets());
    for (long i = 0; format.task() == Task.MULTILABEL && i < values.length(); i++) {
      if (values.get(i) != 0 && values.get(i) != 1) {
        throw new FileException(
            file,
            "row %d: column %d has %s, a label is 0 or 1"
                .formatted(i / format.targets() + 1, i % format.targets() + 1, values.get(i)));
      }
    }
  }

  private static Optional<Path> targetsBeside(Path features) {
    return targetsNames(features).stream()
        .map(name -> name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name)
        .flatMap(name -> Stream.of(name, name + ".gz"))
        .map(features::resolveSibling)
        .filter(Files::exists)
        .findFirst();
  }

  private static String besideInWords(Path features) {
    List<String> names = targetsNames(features);
    return names.isEmpty()
        ? "the name has no 'images', 'features' or 'X' to replace by 'labels' or 'y'"
        : String.join(" or ", names);
  }

  /// Returns the names that the file of the targets may have.
  private static List<String> targetsNames(Path features) {
    String name = features.getFileName().toString();
    List<String> names = new ArrayList<>();
    if (name.contains("images")) {
      names.add(name.replace("images", "labels").replace("idx3", "idx1"));
    }
    if (name.contains("features")) {
      names.add(name.replace("features", "labels"));
      names.add(name.replace("features", "targets"));
    }
    String withY = name.replaceAll("(?<![A-Za-z])[Xx](?![A-Za-z])", "y");
    if (!withY.equals(name)) {
      names.add(withY);
    }
    return names;
  }

  /// Returns the elements that follow a header, after a check that the file has just as many bytes
  /// as its shape asks for. Nothing of that size is allocated before.
  static InputStream data(
      DataFile file, InputStream in, long headerBytes, Shape shape, int elementBytes)
      throws IOException {
    long fileBytes = file.bytes();
    if (shape.elements() > Long.MAX_VALUE / elementBytes - headerBytes) {
      throw new FileException(file.path(), "has shape " + shape + ", too large to count");
    }
    long bytes = shape.elements() * elementBytes;
    if (fileBytes >= 0) {
      requireBytes(file.path(), shape, bytes, fileBytes - headerBytes);
      return in;
    }
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new FileException(
          file.path(),
          "has %d bytes of data, more than the 2^31 that can be unpacked: unpack it first"
              .formatted(bytes));
    }
    byte[] data = in.readNBytes((int) bytes);
    requireBytes(file.path(), shape, bytes, data.length + (in.read() < 0 ? 0 : 1));
    return new ByteArrayInputStream(data);
  }

  private static void requireBytes(Path file, Shape shape, long needed, long found)
      throws FileException {
    if (found < needed) {
      throw new FileException(
          file, "has %d bytes of data, its shape %s asks for %d".formatted(found, shape, needed));
    }
    if (found > needed) {
      throw new FileException(
          file, "goes on after the data that its shape %s asks for".formatted(shape));
    }
  }

  /// Reads so many bytes, which are there unless someone cuts the file short meanwhile.
  static void readFully(Path file, InputStream in, byte[] bytes, int n) throws IOException {
    if (in.readNBytes(bytes, 0, n) < n) {
      throw new FileException(file, "ends early: it was cut short while it was read");
    }
  }
}
