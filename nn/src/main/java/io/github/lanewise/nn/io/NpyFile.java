package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/// Reads and writes `.npy` files, in which NumPy keeps one array.
///
/// Arrays of float32, float64, int32, int64 and uint8 are read, little- and big-endian, in the
/// order
/// of C or of Fortran, from versions 1.0 to 3.0; the values become the nearest floats, ties to
/// even.
/// Written are float32 and int64, little-endian, in the order of C, in version 1.0.
public final class NpyFile {
  private static final int CHUNK_BYTES = 1 << 16;

  private NpyFile() {}

  /// Reads the array of a file into the arena.
  ///
  /// @param arena owns the elements
  /// @param file the file to read, gzipped or not
  /// @return the shape and the elements, the last dimension varying fastest
  /// @throws FileException if the file is missing or damaged, or has elements of another type
  public static StateDict.Entry read(Arena arena, Path file) throws FileException {
    try {
      return read(arena, DataFile.of(file, bytes -> {}));
    } catch (IOException e) {
      throw DataFile.failure(file, e);
    }
  }

  static StateDict.Entry read(Arena arena, DataFile file) throws IOException {
    try (InputStream in = file.read()) {
      NpyHeader header = NpyHeader.read(file.path(), in);
      long elements = header.shape().elements();
      InputStream data =
          ArrayFile.data(file, in, header.bytes(), header.shape(), header.elementBytes());
      FloatArray values = FloatArray.allocate(arena, elements);
      byte[] bytes = new byte[CHUNK_BYTES];
      ByteBuffer chunk = ByteBuffer.wrap(bytes).order(header.order());
      Places places = new Places(header);
      int block = CHUNK_BYTES / header.elementBytes();
      for (long first = 0; first < elements; first += block) {
        int n = (int) Math.min(block, elements - first);
        ArrayFile.readFully(file.path(), data, bytes, n * header.elementBytes());
        chunk.clear();
        for (int i = 0; i < n; i++) {
          values.set(places.next(), element(header.type(), chunk));
        }
      }
      return new StateDict.Entry(header.shape(), values);
    }
  }

  private static float element(String type, ByteBuffer from) {
    return switch (type) {
      case "f4" -> from.getFloat();
      case "f8" -> (float) from.getDouble();
      case "i4" -> from.getInt();
      case "i8" -> from.getLong();
      case "u1" -> from.get() & 0xff;
      default -> throw new AssertionError("the header has let through type " + type);
    };
  }

  /// The places, in the order of C, of the elements as they follow each other in a file.
  private static final class Places {
    private final Shape shape;
    private final boolean columnMajor;
    private final long[] strides;
    private final long[] index;
    private long place = -1;

    Places(NpyHeader header) {
      shape = header.shape();
      columnMajor = header.columnMajor();
      strides = new long[shape.rank()];
      index = new long[shape.rank()];
      long stride = 1;
      for (int i = shape.rank() - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= shape.size(i);
      }
    }

    long next() {
      if (!columnMajor || place < 0) {
        return ++place;
      }
      int dimension = 0;
      while (++index[dimension] == shape.size(dimension)) { // carry into the next dimension
        place -= (index[dimension] - 1) * strides[dimension];
        index[dimension] = 0;
        dimension++;
      }
      place += strides[dimension];
      return place;
    }
  }

  /// Writes a float32 array to a file, which is created or replaced.
  ///
  /// @param file the file to write
  /// @param shape the size of each dimension, outermost first
  /// @param values as many as the shape has, the last dimension varying fastest
  /// @throws IllegalArgumentException if the shape has another number of elements
  /// @throws FileException if writing fails; a file that stood there is as it was
  public static void write(Path file, Shape shape, FloatArray values) throws FileException {
    AtomicFile.write(file, out -> write(out, shape, values));
  }

  /// Writes a float32 array to a stream, which stays open.
  ///
  /// @param out takes the bytes
  /// @param shape the size of each dimension, outermost first
  /// @param values as many as the shape has, the last dimension varying fastest
  /// @throws IllegalArgumentException if the shape has another number of elements
  /// @throws IOException if writing fails
  public static void write(OutputStream out, Shape shape, FloatArray values) throws IOException {
    requireElements(shape, values.length());
    out.write(NpyHeader.write("f4", shape));
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < values.length(); i++) {
      chunk.putFloat(values.get(i));
      if (!chunk.hasRemaining() || i == values.length() - 1) {
        out.write(chunk.array(), 0, chunk.position());
        chunk.clear();
      }
    }
  }

  /// Writes an int64 array to a file, which is created or replaced.
  ///
  /// @param file the file to write
  /// @param shape the size of each dimension, outermost first
  /// @param values as many as the shape has, the last dimension varying fastest
  /// @throws IllegalArgumentException if the shape has another number of elements
  /// @throws FileException if writing fails; a file that stood there is as it was
  public static void write(Path file, Shape shape, long... values) throws FileException {
    AtomicFile.write(file, out -> write(out, shape, values));
  }

  /// Writes an int64 array to a stream, which stays open.
  ///
  /// @param out takes the bytes
  /// @param shape the size of each dimension, outermost first
  /// @param values as many as the shape has, the last dimension varying fastest
  /// @throws IllegalArgumentException if the shape has another number of elements
  /// @throws IOException if writing fails
  public static void write(OutputStream out, Shape shape, long... values) throws IOException {
    requireElements(shape, values.length);
    out.write(NpyHeader.write("i8", shape));
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Long.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    out.write(bytes.array());
  }

  private static void requireElements(Shape shape, long n) {
    if (shape.elements() != n) {
      throw new IllegalArgumentException(
          "values has %d elements, shape %s asks for %d".formatted(n, shape, shape.elements()));
    }
  }
}
