package io.github.lanewise.nn.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SafeTensorsTest {
  @TempDir Path directory;

  /// The file that PyTorch wrote.
  static byte[] golden() {
    try (InputStream in = SafeTensorsTest.class.getResourceAsStream("mlp_state_dict.safetensors")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A file of a header, padded as PyTorch does, and data.
  static byte[] file(String header, byte... data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private Path save(byte[] content) throws IOException {
    return Files.write(directory.resolve("model.safetensors"), content);
  }

  private String refusal(byte[] content) throws IOException {
    Path file = save(content);
    try (Arena arena = Arena.ofConfined()) {
      String message =
          assertThrows(FileException.class, () -> SafeTensors.read(arena, file)).getMessage();
      assertEquals(1, message.lines().count(), message);
      assertTrue(message.startsWith(file + ": "), message);
      return message.substring((file + ": ").length());
    }
  }

  @Test
  void readsWhatPyTorchWrote() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensors.Contents contents = SafeTensors.readContents(arena, save(golden()));
      assertEquals(Map.of("format", "pt"), contents.metadata());
      StateDict tensors = contents.tensors();
      int layers = tensors.names().size() / 2;
      assertTrue(layers > 1, tensors.names().toString());
      for (int layer = 0; layer < layers; layer++) {
        Shape weight = tensors.get(2 * layer + ".weight").shape();
        assertEquals(Shape.of(weight.size(0)), tensors.get(2 * layer + ".bias").shape());
        if (layer > 0) {
          Shape before = tensors.get(2 * layer - 2 + ".bias").shape();
          assertEquals(before, Shape.of(weight.size(1)));
        }
      }
      // PyTorch sorts by name: the last four bytes of the file are the last value of the last name.
      String lastName = tensors.names().stream().max(String::compareTo).orElseThrow();
      FloatArray last = tensors.get(lastName).values();
      ByteBuffer file = ByteBuffer.wrap(golden()).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(file.getFloat(file.limit() - 4), last.get(last.length() - 1));
    }
  }

  @Test
  void returnsEveryBitThatWasWritten() throws IOException {
    Path file = directory.resolve("model.safetensors");
    int[] bits = {0x7fc00001, 0x7f800001, 0xffc12345, 0x7f800000, 0xff800000, 0x80000000, 1};
    try (Arena arena = Arena.ofConfined()) {
      FloatArray odd = FloatArray.allocate(arena, bits.length);
      odd.segment().copyFrom(MemorySegment.ofArray(bits));
      FloatArray many = FloatArray.allocate(arena, 100_003); // several chunks
      for (int i = 0; i < many.length(); i++) {
        many.set(i, i);
      }
      StateDict written =
          new StateDict()
              .put("z", Shape.of(7, 1), odd)
              .put("a \"quoted\"\n\u00e9", Shape.of(), FloatArray.of(arena, 3))
              .put("empty", Shape.of(4, 0, 2), FloatArray.allocate(arena, 0))
              .put("many", Shape.of(100_003), many);
      SafeTensors.write(file, written, Map.of("b", "2", "a", "\u20ac\t"));
      SafeTensors.Contents read = SafeTensors.readContents(arena, file);

      assertEquals(Map.of("b", "2", "a", "\u20ac\t"), read.metadata());
      assertEquals(written.names(), read.tensors().names());
      for (String name : written.names()) {
        assertEquals(written.get(name).shape(), read.tensors().get(name).shape());
        assertEquals(
            -1,
            written
                .get(name)
                .values()
                .segment()
                .mismatch(read.tensors().get(name).values().segment()),
            name);
      }
    }
  }

  @Test
  void writesTheSameBytesWhateverTheOrder() throws IOException {
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    try (Arena arena = Arena.ofConfined()) {
      FloatArray a = FloatArray.of(arena, 1, 2);
      FloatArray b = FloatArray.of(arena, 3);
      SafeTensors.write(one, new StateDict().put("a", Shape.of(2), a).put("b", Shape.of(1), b));
      SafeTensors.write(two, new StateDict().put("b", Shape.of(1), b).put("a", Shape.of(2), a));
    }
    byte[] bytes = Files.readAllBytes(one);
    assertArrayEquals(bytes, Files.readAllBytes(two));
    String header =
        "{\"__metadata__\":{\"lanewise.sha256\":"
            + "\"1195906af4425941390a4818a4e29648633da947c8babdbbafbb47fc265e6ce7\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
    long headerBytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertEquals(0, headerBytes % 8);
    assertEquals(bytes.length, 8 + headerBytes + 12);
    String found = new String(bytes, 8, (int) headerBytes, StandardCharsets.UTF_8);
    assertEquals(header, found.strip());
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 000080bf0000c07f, -1, NaN",
    "F64, 000000000000f0bf000000000000f07f, -1, Infinity",
    "F16, 00bc0100, -1, 5.9604645E-8",
    "BF16, 80bf807f, -1, Infinity",
    "I64, ffffffffffffffff0100000100000000, -1, 16777216",
  })
  void convertsTheOtherFloatsAndLongs(String dtype, String hex, float first, float second)
      throws IOException {
    byte[] data = HexFormat.of().parseHex(hex);
    String header =
        "{\"x\":{\"dtype\":\""
            + dtype
            + "\",\"shape\":[2],\"data_offsets\":[0,"
            + data.length
            + "]}}";
    try (Arena arena = Arena.ofConfined()) {
      StateDict read = SafeTensors.read(arena, save(file(header, data)));
      assertArrayEquals(new float[] {first, second}, read.get("x").values().toArray());
    }
  }

  @Test
  void knowsDataThatWasChangedAndReadsItOnlyOnDemand() throws IOException {
    Path file = directory.resolve("model.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      SafeTensors.write(file, new StateDict().put("x", Shape.of(2), FloatArray.of(arena, 1, 2)));
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      String message = refusal(bytes);
      assertTrue(message.startsWith("is damaged: its content has SHA-256 "), message);
      assertEquals(1f, SafeTensors.readUnverified(arena, file).tensors().get("x").values().get(0));
    }
  }

  /// The sums come from a program of another language, after the description in [Checksum].
  @Test
  void theChecksumIsTheDocumentedOne() throws IOException {
    Path file = directory.resolve("model.safetensors");
    writeSmallModel(file);
    String header = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    String sum = "dabb633a3c2c0395a2a1cddecfe41df452d2a4cfacb7f884fd407fc39a3b8028";
    assertTrue(header.contains("\"lanewise.sha256\":\"" + sum + "\""), header);
  }

  private static void writeSmallModel(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SafeTensors.write(
          file,
          new StateDict().put("w", Shape.of(1, 2), FloatArray.of(arena, 1, 2)),
          Map.of("activation", "relu", "\u20ac", "x\ty"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "relu, relv",
    "activation, activatiom",
    "x\\ty, x\\ry",
    "'\"w\"', '\"v\"'",
    "'[1,2]', '[2,1]'",
    "'\"F32\",\"shape\":[1,2]', '\"F16\",\"shape\":[2,2]'",
    "'\"F32\",\"shape\":[1,2]', '\"I64\",\"shape\":[1,1]'",
  })
  void anyChangeOfTheHeaderIsFound(String written, String changed) throws IOException {
    Path file = directory.resolve("model.safetensors");
    writeSmallModel(file);
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(written), text);
    byte[] damaged = text.replace(written, changed).getBytes(StandardCharsets.ISO_8859_1);
    assertEquals(bytes.length, damaged.length);
    String message = refusal(damaged);
    assertTrue(message.startsWith("is damaged: its content has SHA-256 "), message);
  }

  @Test
  void everyChangedByteOfAMetadataValueIsFound() throws IOException {
    Path file = directory.resolve("model.safetensors");
    String scaling = "0.0,1.5;16.0,2.0";
    SafeTensors.write(file, new StateDict(), Map.of("scaling", scaling));
    byte[] bytes = Files.readAllBytes(file);
    int begin = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(scaling);
    for (int i = begin; i < begin + scaling.length(); i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= 1; // another digit or sign, and never one that JSON would refuse
      String message = refusal(damaged);
      assertTrue(message.startsWith("is damaged: its content has SHA-256 "), message);
    }
  }

  @Test
  void theSameContentInAnotherOrderOfKeysIsIntact() throws IOException {
    Path file = directory.resolve("model.safetensors");
    writeSmallModel(file);
    String sum = "dabb633a3c2c0395a2a1cddecfe41df452d2a4cfacb7f884fd407fc39a3b8028";
    String header =
        "{\"w\":{ \"shape\":[1, 2],\"data_offsets\":[0,8],\"dtype\":\"F32\"},\n\"__metadata__\":"
            + "{\"\u20ac\":\"x\\u0009y\",\"lanewise.sha256\":\""
            + sum
            + "\",\"activation\":\"relu\"}}";
    try (Arena arena = Arena.ofConfined()) {
      byte[] data = HexFormat.of().parseHex("0000803f00000040");
      SafeTensors.Contents contents = SafeTensors.readContents(arena, save(file(header, data)));
      assertEquals(Map.of("activation", "relu", "\u20ac", "x\ty"), contents.metadata());
    }
  }

  @Test
  void anEntrySha256IsOrdinaryMetadata() throws IOException {
    Path file = directory.resolve("model.safetensors");
    SafeTensors.write(file, new StateDict(), Map.of("sha256", "0"));
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(Map.of("sha256", "0"), SafeTensors.readContents(arena, file).metadata());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|the header does not begin with {",
        "[]|the header does not begin with {",
        "` {}`|the header does not begin with {",
        "{|the header is not JSON",
        "{}x|the header is not JSON",
        "{} {}|the header goes on after its last }, with START_OBJECT",
        "{\"x\":1}|tensor 'x' is VALUE_NUMBER_INT, not START_OBJECT",
        "{\"x\":{}}|tensor 'x' needs a dtype, a shape and two data_offsets",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"x\":{}}"
            + "|the header is not JSON at character 57: Duplicate",
        "{\"x\":{\"dtype\":\"F32\",\"dtype\":\"I64\"}}|the header is not JSON",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"more\":1}}"
            + "|tensor 'x' has the unknown key 'more'",
        "{\"__metadata__\":{\"a\":1}}|__metadata__ entry 'a' is VALUE_NUMBER_INT",
        "{\"__metadata__\":null}|__metadata__ is VALUE_NULL, not START_OBJECT",
        "{\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}}|the header is not JSON",
        "{\"x\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' has dtype 'I32'; Lanewise reads [F32, F64, F16, BF16, I64]",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' shape has '-1', no count",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[-0],\"data_offsets\":[0,0]}}"
            + "|tensor 'x' shape has '-0', no count",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' shape has '1.0', no count",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' shape has '99999999999999999999', no count",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}"
            + "|tensor 'x' needs a dtype, a shape and two data_offsets",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}"
            + "|tensor 'x' data_offsets has more than 2 numbers",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' has shape [4294967296, 4294967296], too large to count",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' has shape [4611686018427387904], too large to count",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}"
            + "|tensor 'x' has data_offsets [4, 0], but its 1 elements of F32 take 4 bytes",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}"
            + "|tensor 'x' has data_offsets [0, 4], but its 2 elements of F32 take 8 bytes",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]}}"
            + "|tensor 'x' begins at data byte 4, where byte 0 is due",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"
            + "|has 4 bytes of data, its tensors take 0",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            + "|has 4 bytes of data, its tensors take 8",
        "{\"x\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
            + "\"y\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[2,4]}}"
            + "|tensor 'y' begins at data byte 2, where byte 4 is due",
        "{\"\\udc00\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            + "|the header is not JSON",
        "{\"a\\nb\":1}|tensor 'a\\u000ab' is VALUE_NUMBER_INT",
      })
  void refusesAHeaderThatIsNotTheFormats(String header, String problem) throws IOException {
    String message = refusal(file(header, new byte[4]));
    assertTrue(message.startsWith(problem), message);
  }

  @Test
  void refusesAFileThatIsCutShortOrIsNotUtf8() throws IOException {
    assertEquals("has 7 bytes, fewer than the 8 of the header's length", refusal(new byte[7]));
    byte[] golden = golden();
    long headerBytes = ByteBuffer.wrap(golden).order(ByteOrder.LITTLE_ENDIAN).getLong();
    long dataBytes = golden.length - 8 - headerBytes;
    assertEquals(
        "has %d bytes of data, its tensors take %d".formatted(dataBytes - 1, dataBytes),
        refusal(Arrays.copyOf(golden, golden.length - 1)));
    assertEquals(
        "announces a header of %d bytes, but only 92 follow".formatted(headerBytes),
        refusal(Arrays.copyOf(golden, 100)));
    golden[7] = (byte) 0x80;
    assertEquals(
        "announces a header of %s bytes; 100000000 are allowed"
            .formatted(Long.toUnsignedString(headerBytes | Long.MIN_VALUE)),
        refusal(golden));
    byte[] latin1 = "{\"\u00e9\":{}}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] file = file(new String(new char[latin1.length]));
    System.arraycopy(latin1, 0, file, 8, latin1.length);
    assertEquals("the header is not UTF-8", refusal(file));
    byte[] utf16 = "{}".getBytes(StandardCharsets.UTF_16LE);
    file = file(new String(new char[utf16.length]));
    System.arraycopy(utf16, 0, file, 8, utf16.length);
    assertTrue(refusal(file).startsWith("the header is not JSON"));
  }

  @Test
  void namesAFileThatIsMissingOrNoFile() {
    try (Arena arena = Arena.ofConfined()) {
      Path missing = directory.resolve("missing");
      var e = assertThrows(FileException.class, () -> SafeTensors.read(arena, missing));
      assertEquals(missing + ": no such file", e.getMessage());
      e = assertThrows(FileException.class, () -> SafeTensors.read(arena, directory));
      assertEquals(directory + ": is a directory", e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{}  ", "{\"__metadata__\":{}}"})
  void readsAFileWithoutTensors(String header) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(0, SafeTensors.read(arena, save(file(header))).names().size());
    }
  }

  @Test
  void keepsTheReservedNamesForItself() {
    try (Arena arena = Arena.ofConfined()) {
      Path file = directory.resolve("model");
      var tensors = new StateDict().put("__metadata__", Shape.of(), FloatArray.of(arena, 1));
      assertThrows(IllegalArgumentException.class, () -> SafeTensors.write(file, tensors));
      assertThrows(
          IllegalArgumentException.class,
          () -> SafeTensors.write(file, new StateDict(), Map.of("lanewise.sha256", "")));
      assertTrue(Files.notExists(file));
    }
  }
}
