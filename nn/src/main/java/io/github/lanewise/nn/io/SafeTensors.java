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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads and writes models as [safetensors](https://github.com/huggingface/safetensors) files, the
/// format of PyTorch's `safetensors.torch`.
///
/// A file is read into the caller's arena and never mapped, because a mapped file that someone else
/// cuts short kills the process. Everything is checked before a tensor is allocated, so that a file
/// of n bytes never costs more than a small multiple of n, and anything wrong is a [FileException].
/// F32 is read as it is; F64, F16, BF16 and I64 become the nearest floats, ties to even; other
/// types are refused by name.
///
/// **Checksum.** The format has none of its own. A file written here holds one as the metadata
/// entry `lanewise.sha256`, which covers the names, types and shapes of the tensors, their data,
/// and all other metadata. Reading verifies it where it is present. A file without it, such as one
/// that PyTorch wrote, is read without a check. An entry `sha256` is ordinary metadata: early
/// snapshots of Lanewise put a checksum of the data alone there, which is not verified.
///
/// The same tensors and metadata give the same bytes, whatever the order in which they were put
/// together. Writing is [atomic][AtomicFile].
public final class SafeTensors {
  /// The limit of the format's own reader.
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int CHUNK_BYTES = 1 << 16;
  private static final JsonFactory JSON = new JsonFactory();

  private SafeTensors() {}

  /// What a file holds.
  ///
  /// @param tensors in the order of the file
  /// @param metadata strings under keys of the writer's choice, without the checksum; unmodifiable
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
  /// @throws FileException if the file is missing or damaged, or a tensor has a type other than
  ///     F32, F64, F16, BF16 and I64
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

  /// Reads a file without a look at its checksum: for one that was edited on purpose.
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

    Checksum checksum = new Checksum(header.metadata(), header.tensors());
    StateDict tensors = new StateDict();
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, dataBytes)];
    for (TensorHeader.Tensor tensor : header.tensors()) {
      FloatArray values = FloatArray.allocate(arena, tensor.shape().elements());
      readValues(channel, chunk, checksum, tensor.type(), values);
      tensors.put(tensor.name(), tensor.shape(), values);
    }
    Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
    String expected = metadata.remove(Checksum.KEY);
    String found = checksum.hex();
    if (verify && expected != null && !expected.equals(found)) {
      throw new FileException(
          file,
          "is damaged: its content has SHA-256 %s, its header says %s"
              .formatted(found, FileException.shown(expected)));
    }
    return new Contents(tensors, metadata);
  }

  private static void readValues(
      ReadableByteChannel channel,
      byte[] chunk,
      Checksum checksum,
      ElementType type,
      FloatArray values)
      throws IOException {
    MemorySegment from = MemorySegment.ofArray(chunk);
    MemorySegment to = values.segment();
    long block = CHUNK_BYTES / type.bytes();
    for (long first = 0; first < values.length(); first += block) {
      int n = (int) Math.min(block, values.length() - first);
      readFully(channel, chunk, n * type.bytes());
      checksum.update(chunk, 0, n * type.bytes());
      if (type == ElementType.F32) { // copied as bits, so that a NaN keeps its payload
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
        throw new EOFException("ends early: it was cut short while it was read");
      }
    }
  }

  /// Writes the tensors to a file, which is created or replaced.
  ///
  /// @param file the file to write
  /// @param tensors the tensors, in the order of the file
  /// @throws FileException if that fails; a file that stood there is as it was
  public static void write(Path file, StateDict tensors) throws FileException {
    write(file, tensors, Map.of());
  }

  /// Writes the tensors to a file, with strings that [#readContents] returns.
  ///
  /// @param metadata strings under keys of the caller's choice
  /// @param file the file to write
  /// @param tensors the tensors, in the order of the file
  /// @throws IllegalArgumentException if a tensor has the name `__metadata__`, or a string the key
  ///     `lanewise.sha256`
  /// @throws FileException if writing fails; a file that stood there is as it was
  public static void write(Path file, StateDict tensors, Map<String, String> metadata)
      throws FileException {
    if (tensors.names().contains(TensorHeader.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named " + TensorHeader.METADATA);
    }
    if (metadata.containsKey(Checksum.KEY)) {
      throw new IllegalArgumentException(
          "the metadata entry " + Checksum.KEY + " is the writer's own");
    }
    List<TensorHeader.Tensor> placed = placed(tensors);
    AtomicFile.write(
        file,
        out -> {
          Checksum checksum = new Checksum(metadata, placed);
          for (TensorHeader.Tensor tensor : placed) {
            forEachChunk(tensors.get(tensor.name()).values(), checksum::update);
          }
          Map<String, String> strings = new HashMap<>(metadata);
          strings.put(Checksum.KEY, checksum.hex());
          out.write(header(strings, placed));
          for (TensorHeader.Tensor tensor : placed) {
            forEachChunk(tensors.get(tensor.name()).values(), out::write);
          }
        });
  }

  /// Gives each tensor its place in the data, in the order of the names.
  private static List<TensorHeader.Tensor> placed(StateDict tensors) {
    List<TensorHeader.Tensor> placed = new ArrayList<>();
    long begin = 0;
    for (String name : Checksum.sorted(tensors.names())) {
      Shape shape = tensors.get(name).shape();
      long end = begin + shape.elements() * Float.BYTES;
      placed.add(new TensorHeader.Tensor(name, ElementType.F32, shape, begin, end));
      begin = end;
    }
    return placed;
  }

  /// Returns what stands before the data: the length of the header, the header, and spaces, so that
  /// the data begins at a multiple of 8 bytes.
  private static byte[] header(Map<String, String> metadata, List<TensorHeader.Tensor> tensors)
      throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart(TensorHeader.METADATA);
      for (String key : Checksum.sorted(metadata.keySet())) {
        json.writeStringField(key, metadata.get(key));
      }
      json.writeEndObject();
      for (TensorHeader.Tensor tensor : tensors) {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().name());
        writeArray(json, "shape", sizes(tensor.shape()));
        writeArray(json, "data_offsets", tensor.begin(), tensor.end());
        json.writeEndObject();
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

  /// Gives the elements to `sink` as little-endian bytes, in chunks.
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
}
