package io.github.lanewise.nn.io;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Models in [safetensors](https://github.com/huggingface/safetensors) files, as PyTorch reads and
/// writes them.
///
/// A file is read into the caller's arena, never mapped: a mapped file that someone else cuts short
/// kills the process. Everything is checked before a tensor is allocated, so that a file of n bytes
/// never costs more than a small multiple of n, and anything wrong is a [FileException]. F32 is
/// read as it is; F64, F16, BF16 and I64 become the nearest floats; other types are refused by
/// name.
///
/// The format has no checksum of its own. A file written here carries the SHA-256 of its data as
/// metadata, which reading verifies where it is present. The same tensors and metadata give the
/// same bytes, in the order of the names; writing is [atomic][AtomicFile].
public final class SafeTensors {
  /// The metadata key of the checksum, in hexadecimal.
  static final String CHECKSUM = "sha256";

  /// The limit of the format's own reader.
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int CHUNK_BYTES = 1 << 16;
  private static final JsonFactory JSON = new JsonFactory();

  private SafeTensors() {}

  /// What a file holds.
  ///
  /// @param tensors in the order of the file
  /// @param metadata strings under names of the writer's choice, without the checksum
  public record Contents(StateDict tensors, Map<String, String> metadata) {
    /// Copies `metadata`.
    public Contents {
      metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }
  }

  /// Reads the tensors of a file into the arena.
  ///
  /// @param arena owns the tensors
  /// @param file the file to read
  /// @return the tensors of the file
  /// @throws FileException if the file is missing, damaged, or holds a type other than floats
  public static StateDict read(Arena arena, Path file) throws FileException {
    return readContents(arena, file).tensors();
  }

  /// Reads the tensors of a file into the arena, and its metadata.
  ///
  /// @param arena owns the tensors
  /// @param file the file to read
  /// @return tensors and metadata
  /// @throws FileException as for [#read]
  public static Contents readContents(Arena arena, Path file) throws FileException {
    return readContents(arena, file, true);
  }

  /// The same, whatever the checksum says: for a file whose data was edited on purpose.
  ///
  /// @param arena owns the tensors
  /// @param file the file to read
  /// @return tensors and metadata
  /// @throws FileException as for [#read], but for the checksum
  public static Contents readUnverified(Arena arena, Path file) throws FileException {
    return readContents(arena, file, false);
  }

  private static Contents readContents(Arena arena, Path file, boolean verify)
      throws FileException {
    if (Files.isDirectory(file)) {
      throw new FileException(file, "is a directory");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return readContents(arena, file, channel, channel.size(), verify);
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  static Contents readContents(
      Arena arena, Path file, ReadableByteChannel channel, long fileBytes, boolean verify)
      throws IOException {
    if (fileBytes < Long.BYTES) {
      throw new FileException(
          file, "has %d bytes, fewer than the 8 of the header's length".formatted(fileBytes));
    }
    byte[] prefix = new byte[Long.BYTES];
    readFully(channel, prefix, prefix.length);
    long headerBytes = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw new FileException(
          file,
          "announces a header of %s bytes; %d are allowed"
              .formatted(Long.toUnsignedString(headerBytes), MAX_HEADER_BYTES));
    }
    long dataBytes = fileBytes - Long.BYTES - headerBytes;
    if (dataBytes < 0) {
      throw new FileException(
          file,
          "announces a header of %d bytes, but only %d follow"
              .formatted(headerBytes, fileBytes - Long.BYTES));
    }
    byte[] bytes = new byte[(int) headerBytes];
    readFully(channel, bytes, bytes.length);
    TensorHeader header = TensorHeader.parse(file, bytes, dataBytes);

    MessageDigest digest = sha256();
    StateDict tensors = new StateDict();
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, dataBytes)];
    for (TensorHeader.Tensor tensor : header.tensors()) {
      FloatArray values = FloatArray.allocate(arena, tensor.shape().elements());
      readValues(channel, chunk, digest, tensor.type(), values);
      tensors.put(tensor.name(), tensor.shape(), values);
    }

    Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
    String expected = metadata.remove(CHECKSUM);
    String found = HexFormat.of().formatHex(digest.digest());
    if (verify && expected != null && !expected.equals(found)) {
      throw new FileException(
          file,
          "is damaged: the data has SHA-256 %s, the header says %s"
              .formatted(found, FileException.shown(expected)));
    }
    return new Contents(tensors, metadata);
  }

  private static void readValues(
      ReadableByteChannel channel,
      byte[] chunk,
      MessageDigest digest,
      ElementType type,
      FloatArray values)
      throws IOException {
    MemorySegment from = MemorySegment.ofArray(chunk);
    MemorySegment to = values.segment();
    long block = CHUNK_BYTES / type.bytes();
    for (long first = 0; first < values.length(); first += block) {
      int n = (int) Math.min(block, values.length() - first);
      readFully(channel, chunk, n * type.bytes());
      digest.update(chunk, 0, n * type.bytes());
      if (type == ElementType.F32) { // as bits: a NaN keeps its payload
        MemorySegment.copy(from, ElementType.FLOAT, 0, to, JAVA_FLOAT, first * Float.BYTES, n);
      } else {
        for (int i = 0; i < n; i++) {
          values.set(first + i, type.read(from, i));
        }
      }
    }
  }

  private static void readFully(ReadableByteChannel channel, byte[] bytes, int n)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, n);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("ends early: someone cuts it short while it is read");
      }
    }
  }

  /// Writes the tensors to a file, which is created or replaced.
  ///
  /// @param file the file to write
  /// @param tensors the tensors, in the order of the file
  /// @throws FileException if that fails; a file that stood there is unharmed then
  public static void write(Path file, StateDict tensors) throws FileException {
    write(file, tensors, Map.of());
  }

  /// Writes the tensors to a file, with strings that [#readContents] gives back.
  ///
  /// @param file the file to write
  /// @param tensors the tensors, in the order of the file
  /// @param metadata any strings but the key `sha256`
  /// @throws IllegalArgumentException if a tensor is named `__metadata__`, or a string `sha256`
  /// @throws FileException if writing fails; a file that stood there is unharmed then
  public static void write(Path file, StateDict tensors, Map<String, String> metadata)
      throws FileException {
    if (tensors.names().contains(TensorHeader.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named " + TensorHeader.METADATA);
    }
    if (metadata.containsKey(CHECKSUM)) {
      throw new IllegalArgumentException("the metadata entry " + CHECKSUM + " is the writer's own");
    }
    List<String> names = tensors.names().stream().sorted(SafeTensors::compareUtf8).toList();
    AtomicFile.write(
        file,
        out -> {
          MessageDigest digest = sha256();
          for (String name : names) {
            forEachChunk(tensors.get(name).values(), digest::update);
          }
          Map<String, String> strings = new TreeMap<>(metadata);
          strings.put(CHECKSUM, HexFormat.of().formatHex(digest.digest()));
          out.write(header(names, tensors, strings));
          for (String name : names) {
            forEachChunk(tensors.get(name).values(), out::write);
          }
        });
  }

  /// The order of the format's own writer, of the names' UTF-8 bytes.
  private static int compareUtf8(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  /// Its length, the header, and spaces until the data begins at a multiple of 8.
  private static byte[] header(List<String> names, StateDict tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart(TensorHeader.METADATA);
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      long begin = 0;
      for (String name : names) {
        StateDict.Entry entry = tensors.get(name);
        long end = begin + entry.values().length() * Float.BYTES;
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", ElementType.F32.name());
        writeArray(json, "shape", sizes(entry.shape()));
        writeArray(json, "data_offsets", begin, end);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    int headerBytes = Math.ceilDiv(text.size(), 8) * 8;
    byte[] bytes = new byte[Long.BYTES + headerBytes];
    Arrays.fill(bytes, (byte) ' ');
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerBytes)
        .put(text.toByteArray());
    return bytes;
  }

  private static void writeArray(JsonGenerator json, String name, long... numbers)
      throws IOException {
    json.writeFieldName(name);
    json.writeArray(numbers, 0, numbers.length);
  }

  private static long[] sizes(Shape shape) {
    long[] sizes = new long[shape.rank()];
    Arrays.setAll(sizes, shape::size);
    return sizes;
  }

  @FunctionalInterface
  private interface Sink {
    void accept(byte[] bytes, int from, int n) throws IOException;
  }

  /// Hands the elements to `sink` in the file's byte order.
  private static void forEachChunk(FloatArray values, Sink sink) throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    MemorySegment from = values.segment();
    MemorySegment to = MemorySegment.ofArray(chunk);
    int block = CHUNK_BYTES / Float.BYTES;
    for (long first = 0; first < values.length(); first += block) {
      int n = (int) Math.min(block, values.length() - first);
      MemorySegment.copy(from, JAVA_FLOAT, first * Float.BYTES, to, ElementType.FLOAT, 0, n);
      sink.accept(chunk, 0, n * Float.BYTES);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
