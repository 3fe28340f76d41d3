package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/// Reads [DataSet]s from IDX files of unsigned bytes, the format of MNIST.
///
/// An IDX file is two zero bytes, the element type, the rank, each size as a big-endian `int`, and
/// the elements (Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits).
final class IdxFile {
  private static final int UNSIGNED_BYTE = 8;

  private final int[] sizes;
  private final byte[] elements;

  private IdxFile(int[] sizes, byte[] elements) {
    this.sizes = sizes;
    this.elements = elements;
  }

  /// Whether the stream begins with two zero bytes, as an IDX file does and no text.
  static boolean recognises(InputStream in) throws IOException {
    return Arrays.equals(DataSet.peek(in, 2), new byte[2]);
  }

  static DataSet read(Arena arena, Path file, InputStream in, DataSet.Expected expected)
      throws IOException {
    IdxFile images = unpack(file, in);
    if (images.sizes.length < 2) {
      throw new FileException(
          file, "has one value a row, as classes do; name the file of the images");
    }
    int rows = images.sizes[0];
    if (images.elements.length == 0) {
      throw new FileException(file, "has no row of data");
    }
    int columns = images.elements.length / rows;
    if (!expected.anyColumns() && columns != expected.columns()) {
      throw new FileException(
          file, "has %d features, the network takes %d".formatted(columns, expected.columns()));
    }
    Optional<Path> labels = labelsBeside(file);
    if (labels.isEmpty() && expected.anyColumns()) {
      throw new FileException(
          file,
          "the file with its classes is not beside it: "
              + labelsName(file).orElse("the name has no 'images' to replace by 'labels'"));
    }
    int[] classes = labels.isPresent() ? labels(labels.get(), file, rows, expected) : null;
    FloatArray features = FloatArray.allocate(arena, images.elements.length);
    for (int i = 0; i < images.elements.length; i++) {
      features.set(i, images.elements[i] & 0xff);
    }
    return classes == null
        ? DataSet.unlabelled(features, columns)
        : DataSet.of(features, columns, classes);
  }

  private static int[] labels(Path file, Path images, int rows, DataSet.Expected expected)
      throws FileException {
    try (InputStream in = DataSet.open(file)) {
      IdxFile content = unpack(file, in);
      if (content.sizes.length != 1 || content.sizes[0] != rows) {
        throw new FileException(
            file,
            "has shape %s, but %s has %d images"
                .formatted(Arrays.toString(content.sizes), images.getFileName(), rows));
      }
      int[] classes = new int[rows];
      for (int row = 0; row < rows; row++) {
        classes[row] = content.elements[row] & 0xff;
        if (classes[row] >= expected.classes()) {
          throw new FileException(
              file,
              "row %d: class %d is not in 0..%d"
                  .formatted(row + 1, classes[row], expected.classes() - 1));
        }
      }
      return classes;
    } catch (IOException e) {
      throw DataSet.readFailure(file, e);
    }
  }

  private static Optional<Path> labelsBeside(Path images) {
    return labelsName(images).stream()
        .map(name -> name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name)
        .flatMap(name -> Stream.of(name, name + ".gz"))
        .map(images::resolveSibling)
        .filter(Files::exists)
        .findFirst();
  }

  private static Optional<String> labelsName(Path images) {
    String name = images.getFileName().toString();
    return name.contains("images")
        ? Optional.of(name.replace("images", "labels").replace("idx3", "idx1"))
        : Optional.empty();
  }

  private static IdxFile unpack(Path file, InputStream in) throws IOException {
    byte[] magic = in.readNBytes(4);
    if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
      throw new FileException(file, "does not begin as an IDX file does");
    }
    if (magic[2] != UNSIGNED_BYTE || magic[3] < 1) {
      throw new FileException(
          file,
          "has IDX element type 0x%02x and rank %d; Lanewise reads unsigned bytes, 0x08, of rank 1"
                  .formatted(magic[2], magic[3])
              + " or more");
    }
    byte[] header = in.readNBytes(magic[3] * Integer.BYTES);
    if (header.length < magic[3] * Integer.BYTES) {
      throw new FileException(file, "ends within the sizes of its " + magic[3] + " dimensions");
    }
    int[] sizes = new int[magic[3]];
    ByteBuffer.wrap(header).asIntBuffer().get(sizes);
    long elements = 1;
    for (int size : sizes) {
      elements = size < 0 || elements > Integer.MAX_VALUE ? -1 : elements * size;
      if (elements < 0 || elements > Integer.MAX_VALUE - 8) {
        throw new FileException(
            file, "has shape " + Arrays.toString(sizes) + ", more than 2^31 elements");
      }
    }
    byte[] data = in.readNBytes((int) elements);
    if (data.length < elements) {
      throw new FileException(
          file,
          "has %d bytes of data, its shape %s asks for %d"
              .formatted(data.length, Arrays.toString(sizes), elements));
    }
    if (in.read() >= 0) {
      throw new FileException(
          file,
          "goes on after the data that its shape %s asks for".formatted(Arrays.toString(sizes)));
    }
    return new IdxFile(sizes, data);
  }
}
