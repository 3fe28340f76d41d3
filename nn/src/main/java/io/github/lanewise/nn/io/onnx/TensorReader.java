package io.github.lanewise.nn.io.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads the constants of an ONNX file: tensors of FLOAT, INT64, INT32 and BOOL, as raw bytes or
/// as lists.
final class TensorReader {
  private static final int FLOAT = 1;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int BOOL = 9;
  private static final int EXTERNAL = 1;
  private static final int MAX_RANK = 64;

  /// The names of ONNX's types, by number.
  private static final String[] TYPES = {
    "UNDEFINED",
    "FLOAT",
    "UINT8",
    "INT8",
    "UINT16",
    "INT16",
    "INT32",
    "INT64",
    "STRING",
    "BOOL",
    "FLOAT16",
    "DOUBLE",
    "UINT32",
    "UINT64",
    "COMPLEX64",
    "COMPLEX128",
    "BFLOAT16"
  };

  private final Path file;
  private final CodedInputStream in;

  TensorReader(Path file, CodedInputStream in) {
    this.file = file;
    this.in = in;
  }

  /// Takes the elements of a list one by one.
  @FunctionalInterface
  interface Each<T> {
    void take(T value) throws IOException;
  }

  /// What has been read of a tensor.
  private final class Parts {
    private long[] sizes = new long[4];
    private int rank;
    private int type;
    private String name = "";
    private byte[] raw;
    private float[] floats = new float[4];
    private int floatCount;
    private long[] longs = new long[4];
    private int longCount;

    private boolean field(int field, int wire) throws IOException {
      switch (field) {
        case 1 -> eachLong(wire, this::addSize);
        case 2 -> type = Math.toIntExact(varint(wire) & 0xff);
        case 3 -> throw new FileException(file, "has a tensor in segments");
        case 4 -> eachFloat(wire, this::addFloat);
        case 5, 7 -> eachLong(wire, this::addLong);
        case 8 -> name = new String(bytes(wire), StandardCharsets.UTF_8);
        case 9 -> raw = bytes(wire);
        case 13 -> throw external();
        case 14 -> {
          if (varint(wire) == EXTERNAL) {
            throw external();
          }
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    private FileException external() {
      return new FileException(
          file,
          "keeps tensors in a second file; export it into one file, in PyTorch with"
              + " external_data=False");
    }

    private void addSize(long size) throws FileException {
      if (rank == MAX_RANK) {
        throw new FileException(file, "has a tensor of more than " + MAX_RANK + " dimensions");
      }
      sizes = rank == sizes.length ? Arrays.copyOf(sizes, 2 * rank) : sizes;
      sizes[rank++] = size;
    }

    private void addFloat(float value) {
      floats = floatCount == floats.length ? Arrays.copyOf(floats, 2 * floatCount) : floats;
      floats[floatCount++] = value;
    }

    private void addLong(long value) {
      longs = longCount == longs.length ? Arrays.copyOf(longs, 2 * longCount) : longs;
      longs[longCount++] = value;
    }

    private Tensor tensor(String what) throws FileException {
      String shown = name.isEmpty() ? what : what + " '" + name + "'";
      boolean isFloat = type == FLOAT;
      if (!isFloat && type != INT64 && type != INT32 && type != BOOL) {
        String found = type < TYPES.length ? TYPES[type] : "number " + type;
        throw new FileException(
            file,
            shown + " has elements of " + found + "; Lanewise reads FLOAT, INT64, INT32 and BOOL");
      }
      int width = type == INT64 ? Long.BYTES : type == BOOL ? 1 : Integer.BYTES;
      int listed = isFloat ? floatCount : longCount;
      if (raw != null && (listed > 0 || raw.length % width != 0)) {
        throw new FileException(
            file, shown + " has " + raw.length + " raw bytes, which its elements do not fill");
      }
      int elements = raw == null ? listed : raw.length / width;
      long[] shape = Arrays.copyOf(sizes, rank);
      requireElements(shown, shape, elements);
      if (raw == null) {
        return isFloat
            ? new Tensor(name, shape, Arrays.copyOf(floats, elements), null)
            : new Tensor(name, shape, null, Arrays.copyOf(longs, elements));
      }
      ByteBuffer bytes = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
      if (isFloat) {
        float[] values = new float[elements];
        bytes.asFloatBuffer().get(values);
        return new Tensor(name, shape, values, null);
      }
      long[] values = new long[elements];
      for (int i = 0; i < elements; i++) {
        values[i] =
            switch (width) {
              case Long.BYTES -> bytes.getLong();
              case Integer.BYTES -> bytes.getInt();
              default -> bytes.get();
            };
      }
      return new Tensor(name, shape, null, values);
    }

    private void requireElements(String shown, long[] shape, long elements) throws FileException {
      long product = 1;
      for (long size : shape) {
        // No product beyond the elements is of interest, and none overflows.
        product =
            size < 0 || product > elements ? Long.MAX_VALUE : product * Math.min(size, 1L << 32);
      }
      if (product != elements) {
        throw new FileException(
            file,
            "%s has shape %s, but %d elements".formatted(shown, Arrays.toString(shape), elements));
      }
    }
  }

  /// Reads a tensor that the stream is at the length of.
  ///
  /// @param what it is, for messages
  Tensor read(String what) throws IOException {
    Parts parts = new Parts();
    GraphReader.message(in, parts::field);
    return parts.tensor(what);
  }

  /// Reads one float, or a packed list of them.
  void eachFloat(int wire, Each<Float> each) throws IOException {
    if (wire == WireFormat.WIRETYPE_FIXED32) {
      each.take(in.readFloat());
      return;
    }
    requireBytes(file, wire);
    int limit = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      each.take(in.readFloat());
    }
    in.popLimit(limit);
  }

  /// Reads one integer, or a packed list of them.
  void eachLong(int wire, Each<Long> each) throws IOException {
    if (wire == WireFormat.WIRETYPE_VARINT) {
      each.take(in.readInt64());
      return;
    }
    requireBytes(file, wire);
    int limit = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      each.take(in.readInt64());
    }
    in.popLimit(limit);
  }

  private long varint(int wire) throws IOException {
    if (wire != WireFormat.WIRETYPE_VARINT) {
      throw new FileException(
          file, "is no ONNX file, or a damaged one: an integer is not written as one");
    }
    return in.readInt64();
  }

  private byte[] bytes(int wire) throws IOException {
    requireBytes(file, wire);
    return in.readByteArray();
  }

  static void requireBytes(Path file, int wire) throws FileException {
    if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      throw new FileException(
          file, "is no ONNX file, or a damaged one: a message is not written as one");
    }
  }
}
