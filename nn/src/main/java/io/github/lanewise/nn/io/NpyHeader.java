package io.github.lanewise.nn.io;

import io.github.lanewise.core.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What stands before the elements of a `.npy` file: the bytes 93 `NUMPY`, the version, the length
/// of the text, and a Python dictionary as text, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
///
/// Source: NumPy's `numpy.lib.format`, versions 1.0 to 3.0.
///
/// @param type of an element, as NumPy writes it without the byte order: `f4`, `f8`, `i4`, `i8` or
///     `u1`
/// @param order the order of the bytes of an element
/// @param columnMajor whether the first dimension varies fastest, as in Fortran
/// @param shape the size of each dimension, outermost first
/// @param bytes the number of bytes of the header, after which the elements begin
record NpyHeader(String type, ByteOrder order, boolean columnMajor, Shape shape, int bytes) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final List<String> TYPES = List.of("f4", "f8", "i4", "i8", "u1");

  /// The elements begin at a multiple of this.
  private static final int ALIGNMENT = 64;

  /// NumPy refuses longer ones too.
  private static final int MAX_TEXT_BYTES = 10_000;

  private static final int MAX_RANK = 64;

  /// The number of bytes of an element.
  int elementBytes() {
    return type.charAt(1) - '0';
  }

  /// Whether the stream begins as a `.npy` file does.
  static boolean recognises(InputStream in) throws IOException {
    return Arrays.equals(DataFile.peek(in, MAGIC.length), MAGIC);
  }

  /// Reads a header, and leaves the stream at the first element.
  ///
  /// @throws FileException if there is none, or one of an array that Lanewise does not read
  static NpyHeader read(Path file, InputStream in) throws IOException {
    byte[] begin = in.readNBytes(MAGIC.length + 2);
    if (begin.length < MAGIC.length + 2
        || !Arrays.equals(MAGIC, 0, MAGIC.length, begin, 0, MAGIC.length)) {
      throw new FileException(file, "does not begin as a .npy file does");
    }
    int major = begin[MAGIC.length];
    if (major < 1 || major > 3 || begin[MAGIC.length + 1] != 0) {
      throw new FileException(
          file,
          "byte %d: has .npy version %d.%d; Lanewise reads 1.0, 2.0 and 3.0"
              .formatted(MAGIC.length, major, begin[MAGIC.length + 1]));
    }
    byte[] length = in.readNBytes(major == 1 ? Short.BYTES : Integer.BYTES);
    ByteBuffer number = ByteBuffer.wrap(Arrays.copyOf(length, 4)).order(ByteOrder.LITTLE_ENDIAN);
    long textBytes = Integer.toUnsignedLong(number.getInt());
    int textBegin = begin.length + (major == 1 ? Short.BYTES : Integer.BYTES);
    if (textBytes > MAX_TEXT_BYTES) {
      throw new FileException(
          file,
          "byte %d: announces a header of %d bytes; %d are allowed"
              .formatted(begin.length, textBytes, MAX_TEXT_BYTES));
    }
    byte[] text = in.readNBytes((int) textBytes);
    if (text.length < textBytes) {
      throw new FileException(
          file,
          "byte %d: announces a header of %d bytes, but only %d follow"
              .formatted(begin.length, textBytes, text.length));
    }
    return new Dictionary(file, text, textBegin).header();
  }

  /// Returns the header of a file with little-endian elements in the order of C.
  static byte[] write(String type, Shape shape) {
    StringBuilder text = new StringBuilder("{'descr': '<" + type + "', 'fortran_order': False, ");
    text.append("'shape': (");
    for (int i = 0; i < shape.rank(); i++) {
      text.append(i == 0 ? "" : " ").append(shape.size(i)).append(',');
    }
    if (shape.rank() > 1) {
      text.setLength(text.length() - 1); // (3, 4), but (3,)
    }
    text.append("), }");
    int before = MAGIC.length + 2 + Short.BYTES;
    int bytes = Math.ceilDiv(before + text.length() + 1, ALIGNMENT) * ALIGNMENT;
    text.append(" ".repeat(bytes - before - text.length() - 1)).append('\n');
    return ByteBuffer.allocate(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) (bytes - before))
        .put(text.toString().getBytes(StandardCharsets.US_ASCII))
        .array();
  }

  /// Walks over the text of the dictionary.
  private static final class Dictionary {
    private final Path file;
    private final byte[] text;
    private final int begin;
    private int next;

    Dictionary(Path file, byte[] text, int begin) {
      this.file = file;
      this.text = text;
      this.begin = begin;
    }

    NpyHeader header() throws FileException {
      String descr = null;
      Boolean columnMajor = null;
      Shape shape = null;
      require('{');
      while (!accept('}')) {
        peek();
        int at = next;
        String key = string();
        require(':');
        if (key.equals("descr") && descr == null) {
          descr = type();
        } else if (key.equals("fortran_order") && columnMajor == null) {
          columnMajor = truth();
        } else if (key.equals("shape") && shape == null) {
          shape = shape();
        } else {
          throw wrong(at, "the header has a second or unknown key " + FileException.shown(key));
        }
        if (!accept(',')) {
          require('}');
          break;
        }
      }
      if (peek() != 0) {
        throw wrong(next, "the header goes on after its last }");
      }
      if (descr == null || columnMajor == null || shape == null) {
        throw wrong(0, "the header needs a descr, a fortran_order and a shape");
      }
      ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      return new NpyHeader(descr.substring(1), order, columnMajor, shape, begin + text.length);
    }

    private String type() throws FileException {
      peek();
      int at = next;
      String descr = peek() == '[' ? "[" : string();
      boolean ordered = !descr.isEmpty() && "<>|=".indexOf(descr.charAt(0)) >= 0;
      String type = ordered ? descr.substring(1) : descr;
      boolean swappable = type.endsWith("1") || descr.startsWith("<") || descr.startsWith(">");
      if (!TYPES.contains(type) || !swappable) {
        throw wrong(
            at,
            "has elements of type %s; Lanewise reads %s, each after < or >"
                .formatted(
                    descr.equals("[") ? "a record" : FileException.shown(descr),
                    String.join(", ", TYPES)));
      }
      return (ordered ? descr.charAt(0) : '|') + type;
    }

    private boolean truth() throws FileException {
      peek();
      for (boolean value : new boolean[] {true, false}) {
        byte[] word = (value ? "True" : "False").getBytes(StandardCharsets.US_ASCII);
        int end = Math.min(next + word.length, text.length);
        if (Arrays.equals(word, 0, word.length, text, next, end)) {
          next = end;
          return value;
        }
      }
      throw wrong(next, "fortran_order is neither True nor False");
    }

    private Shape shape() throws FileException {
      peek();
      int at = next;
      require('(');
      List<Long> sizes = new ArrayList<>();
      while (!accept(')')) {
        sizes.add(size());
        if (!accept(',')) {
          require(')');
          break;
        }
      }
      try {
        if (sizes.size() <= MAX_RANK) {
          return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
        }
      } catch (IllegalArgumentException e) {
        throw wrong(at, "has shape " + sizes + ", too large to count");
      }
      throw wrong(at, "has %d dimensions; %d are allowed".formatted(sizes.size(), MAX_RANK));
    }

    private long size() throws FileException {
      char c = peek();
      int at = next;
      long size = 0;
      while (c >= '0' && c <= '9' && size <= (Long.MAX_VALUE - 9) / 10) {
        size = size * 10 + (c - '0');
        next++;
        c = next < text.length ? (char) text[next] : 0;
      }
      if (next == at || (c >= '0' && c <= '9')) {
        throw wrong(at, "the shape has a size that is no count");
      }
      return size;
    }

    private String string() throws FileException {
      char quote = peek();
      int at = next;
      if (quote == '\'' || quote == '"') {
        for (int end = next + 1; end < text.length; end++) {
          if (text[end] == quote) {
            next = end + 1;
            return new String(text, at + 1, end - at - 1, StandardCharsets.UTF_8);
          }
        }
      }
      throw wrong(at, "the header needs a string here");
    }

    /// Returns the next character that is no white space, or 0 at the end.
    private char peek() {
      while (next < text.length && (text[next] == ' ' || text[next] == '\n')) {
        next++;
      }
      return next < text.length ? (char) (text[next] & 0xff) : 0;
    }

    private boolean accept(char c) {
      boolean found = peek() == c;
      next += found ? 1 : 0;
      return found;
    }

    private void require(char c) throws FileException {
      if (!accept(c)) {
        char found = peek();
        throw wrong(
            next,
            "the header has %s where %s is due"
                .formatted(found == 0 ? "its end" : "'" + found + "'", c));
      }
    }

    private FileException wrong(int at, String problem) {
      return new FileException(file, "byte " + (begin + at) + ": " + problem);
    }
  }
}
