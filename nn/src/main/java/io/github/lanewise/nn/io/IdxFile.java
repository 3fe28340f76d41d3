package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads the array of an IDX file of unsigned bytes, the format of MNIST.
///
/// An IDX file is two zero bytes, the element type, the rank, each size as a big-endian `int`, and
/// the elements (Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits).
final class IdxFile {
  private static final int UNSIGNED_BYTE = 8;
  private static final int CHUNK_BYTES = 1 << 16;

  private IdxFile() {}

  /// Whether the stream begins with two zero bytes, as an IDX file does and no text.
  static boolean recognises(InputStream in) throws IOException {
    return Arrays.equals(DataFile.peek(in, 2), new byte[2]);
  }

  static StateDict.Entry read(Arena arena, DataFile file) throws IOException {
    try (InputStream in = file.read()) {
      Shape shape = shape(file.path(), in);
      InputStream data =
          ArrayFile.data(file, in, 4 + (long) shape.rank() * Integer.BYTES, shape, Byte.BYTES);
      FloatArray values = FloatArray.allocate(arena, shape.elements());
      byte[] chunk = new byte[CHUNK_BYTES];
      for (long first = 0; first < values.length(); first += CHUNK_BYTES) {
        int n = (int) Math.min(CHUNK_BYTES, values.length() - first);
        ArrayFile.readFully(file.path(), data, chunk, n);
        for (int i = 0; i < n; i++) {
          values.set(first + i, chunk[i] & 0xff);
        }
      }
      return new StateDict.Entry(shape, values);
    }
  }

  private static Shape shape(Path file, InputStream in) throws IOException {
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
    ByteBuffer sizes = ByteBuffer.wrap(header);
    long[] counts = new long[magic[3]];
    Arrays.setAll(counts, i -> sizes.getInt());
    try {
      return Shape.of(counts);
    } catch (IllegalArgumentException e) {
      throw new FileException(
          file, "has shape " + Arrays.toString(counts) + ", which cannot be", e);
    }
  }
}
