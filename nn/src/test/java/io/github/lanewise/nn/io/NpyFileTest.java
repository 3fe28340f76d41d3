package io.github.lanewise.nn.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The bytes in hexadecimal digits are NumPy's own, of 2.4.6.
final class NpyFileTest {
  private final Arena arena = Arena.ofConfined();
  @TempDir Path directory;

  @AfterEach
  void close() {
    arena.close();
  }

  /// Returns a file whose header has the text, padded as NumPy does.
  private static byte[] bytes(int version, String text, String hex) {
    int before = version == 1 ? 10 : 12;
    String padded = text + " ".repeat(127 - before - text.length()) + "\n";
    String length = version == 1 ? "v\0" : "t\0\0\0";
    byte[] data = HexFormat.of().parseHex(hex);
    byte[] header = ("\u0093NUMPY" + (char) version + "\0" + length + padded).getBytes(ISO_8859_1);
    byte[] all = Arrays.copyOf(header, header.length + data.length);
    System.arraycopy(data, 0, all, header.length, data.length);
    return all;
  }

  private static String header(String type, String order, String shape) {
    return "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }".formatted(type, order, shape);
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  private String refusal(byte[] bytes) throws IOException {
    Path file = file("a.npy", bytes);
    var e = assertThrows(FileException.class, () -> NpyFile.read(arena, file));
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e.getMessage().replace(directory + "/", "");
  }

  @ParameterizedTest
  @CsvSource({
    "<f4,False,000000c0000080bf000000000000803f0000004000004040",
    "<f4,True,000000c00000803f000080bf000000400000000000004040",
    ">f8,False,c000000000000000bff000000000000000000000000000003ff00000000000004000000000000000"
        + "4008000000000000",
    ">f8,True,c0000000000000003ff0000000000000bff000000000000040000000000000000000000000000000"
        + "4008000000000000",
    "<i4,False,feffffffffffffff00000000010000000200000003000000",
    "<i4,True,feffffff01000000ffffffff020000000000000003000000",
    ">i8,False,fffffffffffffffeffffffffffffffff000000000000000000000000000000010000000000000002"
        + "0000000000000003",
    ">i8,True,fffffffffffffffe0000000000000001ffffffffffffffff00000000000000020000000000000000"
        + "0000000000000003",
  })
  void readsEveryTypeInBothOrders(String type, String columnMajor, String hex) throws IOException {
    for (int version = 1; version <= 3; version++) {
      byte[] bytes = bytes(version, header(type, columnMajor, "(2, 3)"), hex);
      StateDict.Entry array = NpyFile.read(arena, file("a.npy", bytes));
      assertEquals(Shape.of(2, 3), array.shape());
      assertArrayEquals(new float[] {-2, -1, 0, 1, 2, 3}, array.values().toArray());
    }
  }

  @Test
  void readsBytesAndOtherShapes() throws IOException {
    byte[] bytes = bytes(1, header("|u1", "True", "(2, 3)"), "00ff01040205");
    assertArrayEquals(
        new float[] {0, 1, 2, 255, 4, 5},
        NpyFile.read(arena, file("a.npy", bytes)).values().toArray());
    StateDict.Entry scalar =
        NpyFile.read(arena, file("b.npy", bytes(1, header("<f4", "True", "()"), "0000803f")));
    assertEquals(Shape.of(), scalar.shape());
    assertEquals(1, scalar.values().get(0));
    StateDict.Entry empty =
        NpyFile.read(arena, file("c.npy", bytes(1, header("<f4", "True", "(0,)"), "")));
    assertEquals(Shape.of(0), empty.shape());
    String other = "{\"shape\":(4,),\"descr\":\"u1\",\"fortran_order\":False}";
    StateDict.Entry quoted = NpyFile.read(arena, file("d.npy", bytes(2, other, "01020304")));
    assertArrayEquals(new float[] {1, 2, 3, 4}, quoted.values().toArray());
  }

  @Test
  void readsColumnMajorArraysOfAnyRank() throws IOException {
    // numpy.asfortranarray(numpy.arange(24, dtype='u1').reshape(2, 3, 4))
    String hex = "000c04100814010d05110915020e06120a16030f07130b17";
    byte[] bytes = bytes(1, header("|u1", "True", "(2, 3, 4)"), hex);
    float[] values = NpyFile.read(arena, file("a.npy", bytes)).values().toArray();
    for (int i = 0; i < 24; i++) {
      assertEquals(i, values[i]);
    }
  }

  @Test
  void readsArraysLargerThanAChunk() throws IOException {
    FloatArray values = FloatArray.allocate(arena, 100_003);
    for (int i = 0; i < values.length(); i++) {
      values.set(i, i);
    }
    Path file = directory.resolve("a.npy");
    NpyFile.write(file, Shape.of(100_003), values);
    assertArrayEquals(values.toArray(), NpyFile.read(arena, file).values().toArray());
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      Files.copy(file, out);
    }
    assertArrayEquals(
        values.toArray(),
        NpyFile.read(arena, file("a.npy.gz", packed.toByteArray())).values().toArray());
  }

  @Test
  void writesWhatNumPyWrites() throws IOException {
    FloatArray values = FloatArray.of(arena, -2, -1, 0, 1, 2, 3);
    Path file = directory.resolve("a.npy");
    NpyFile.write(file, Shape.of(2, 3), values);
    byte[] expected =
        bytes(
            1,
            header("<f4", "False", "(2, 3)"),
            "000000c0000080bf000000000000803f0000004000004040");
    assertArrayEquals(expected, Files.readAllBytes(file));
    NpyFile.write(file, Shape.of(2), 1, -2);
    expected = bytes(1, header("<i8", "False", "(2,)"), "0100000000000000feffffffffffffff");
    assertArrayEquals(expected, Files.readAllBytes(file));
    assertThrows(IllegalArgumentException.class, () -> NpyFile.write(file, Shape.of(3, 3), values));
    assertThrows(IllegalArgumentException.class, () -> NpyFile.write(file, Shape.of(3), 1, 2));
    assertArrayEquals(expected, Files.readAllBytes(file));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
            + "|has 4 bytes of data, its shape [3] asks for 12",
        "{'descr': 'u1', 'fortran_order': False, 'shape': (3,), }"
            + "|goes on after the data that its shape [3] asks for",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }"
            + "|byte 20: has elements of type '<c8'; Lanewise reads f4, f8, i4, i8, u1, each after <"
            + " or >",
        "{'descr': '<O', 'fortran_order': False, 'shape': (1,), }"
            + "|byte 20: has elements of type '<O'; Lanewise reads f4,",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (1,), }"
            + "|byte 20: has elements of type 'f4'; Lanewise reads f4,",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"
            + "|byte 20: has elements of type a record; Lanewise reads",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }"
            + "|byte 44: fortran_order is neither True nor False",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 1, }"
            + "|byte 60: the header has '1' where ( is due",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"
            + "|byte 61: the shape has a size that is no count",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }"
            + "|byte 61: the shape has a size that is no count",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000), }"
            + "|byte 60: has shape [4000000000, 4000000000], too large to count",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 2000000000), }"
            + "|has shape [4000000000, 2000000000], too large to count",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 200000000), }"
            + "|has 4 bytes of data, its shape [4000000000, 200000000] asks for 3200000000000000000",
        "{'descr': '<f4', 'fortran_order': False, }"
            + "|byte 10: the header needs a descr, a fortran_order and a shape",
        "{'descr': '<f4', 'descr': '<f4'}|byte 27: the header has a second or unknown key 'descr'",
        "{'descr': '<f4', 'colour': 'red'}|byte 27: the header has a second or unknown key 'colour'",
        "{'descr': '<f4' 'shape': ()}|byte 26: the header has ''' where } is due",
        "{'descr': '<f4|byte 20: the header needs a string here",
        "'descr'|byte 10: the header has ''' where { is due",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x"
            + "|byte 68: the header goes on after its last }",
      },
      quoteCharacter = '`')
  void refusesBadHeadersByByteAndValue(String text, String message) throws IOException {
    String found = refusal(bytes(1, text, "0000803f"));
    assertTrue(found.startsWith("a.npy: " + message), found);
  }

  @Test
  void refusesWhatIsCutShortAnywhere() throws IOException {
    byte[] whole = bytes(1, header("<f4", "False", "(2, 3)"), "00".repeat(24));
    for (int n = 0; n < whole.length; n++) {
      String message = refusal(Arrays.copyOf(whole, n));
      assertFalse(message.contains("null"), message);
    }
    whole[6] = 4;
    assertEquals(
        "a.npy: byte 6: has .npy version 4.0; Lanewise reads 1.0, 2.0 and 3.0", refusal(whole));
    whole[6] = 2;
    assertEquals(
        "a.npy: byte 8: announces a header of 662372470 bytes; 10000 are allowed", refusal(whole));
  }

  @Test
  void mutatedFilesAreReadOrRefused() throws IOException {
    byte[] whole = bytes(1, header("<f8", "True", "(2, 3)"), "00".repeat(48));
    var random = new SplittableRandom(9);
    int refused = 0;
    for (int i = 0; i < 3_000; i++) {
      byte[] mutant = whole.clone();
      for (int change = 0; change <= i % 3; change++) {
        mutant[random.nextInt(random.nextBoolean() ? 70 : mutant.length)] = (byte) random.nextInt();
      }
      Path file = file("m.npy", mutant);
      try {
        assertEquals(48, 8 * NpyFile.read(arena, file).values().length());
      } catch (FileException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
      }
    }
    assertTrue(refused > 1000, refused + " of 3000 were refused");
  }

  @Test
  void aDataSetHasItsTargetsBesideIt() throws IOException {
    FloatArray features = FloatArray.of(arena, 1, 2, 3, 4, 5, 6);
    NpyFile.write(directory.resolve("X_train.npy"), Shape.of(3, 2), features);
    NpyFile.write(directory.resolve("y_train.npy"), Shape.of(3), 2, 0, 2);
    DataSet data = DataSet.read(arena, directory.resolve("X_train.npy"));
    assertEquals("3 rows of 2 features, 3 classes", data.toString());
    assertArrayEquals(features.toArray(), data.features().toArray());
    assertEquals(0, data.label(1));

    Path cubes = directory.resolve("features.npy");
    NpyFile.write(cubes, Shape.of(3, 1, 2, 1), features);
    FloatArray targets = FloatArray.of(arena, 0, 1, 1, 0, 0, 0);
    NpyFile.write(directory.resolve("targets.npy"), Shape.of(3, 2), targets);
    for (DataFormat format : List.of(DataFormat.regression(2), DataFormat.multilabel(2))) {
      DataSet pairs = DataSet.read(arena, cubes, format);
      assertArrayEquals(targets.toArray(), pairs.targets().toArray());
      assertEquals(2, pairs.columns());
    }
    Path named = directory.resolve("y_train.npy");
    assertEquals(2, DataSet.read(arena, cubes, named, DataFormat.CLASSIFICATION, n -> {}).label(2));
    DataFormat known =
        DataFormat.CLASSIFICATION.withFeatures(2).withClassNames(List.of("0", "1", "2", "3"));
    assertEquals(4, DataSet.read(arena, cubes, named, known, n -> {}).outputs());
  }

  @Test
  void refusesTargetsThatDoNotFit() throws IOException {
    Path x = directory.resolve("x.npy");
    Path y = directory.resolve("y.npy");
    NpyFile.write(x, Shape.of(2, 1), FloatArray.of(arena, 1, 2));
    assertEquals("x.npy: the file with the class is not beside it: y.npy", refusal(x, "c"));
    NpyFile.write(y, Shape.of(3), 1, 2, 3);
    assertEquals(
        "y.npy: has shape [3], but x.npy has 2 rows, each with the class", refusal(x, "c"));
    assertEquals("y.npy: has shape [3], but x.npy has 2 rows, each with 2 labels", refusal(x, "m"));
    NpyFile.write(y, Shape.of(2), 1, 70_000);
    assertEquals("y.npy: row 2: class 70000.0 is not a whole number in 0..65535", refusal(x, "c"));
    NpyFile.write(y, Shape.of(2), FloatArray.of(arena, 0.5f, 1));
    assertEquals("y.npy: row 1: class 0.5 is not a whole number in 0..65535", refusal(x, "c"));
    NpyFile.write(y, Shape.of(2, 2), 1, 0, 1, 2);
    assertEquals("y.npy: row 2: column 2 has 2.0, a label is 0 or 1", refusal(x, "m"));
    NpyFile.write(y, Shape.of(2, 2), FloatArray.of(arena, 0, Float.NaN, 1, 1));
    assertEquals("y.npy: row 1: column 2 has NaN, not a finite number", refusal(x, "r"));
    NpyFile.write(x, Shape.of(2, 1), FloatArray.of(arena, 1, Float.POSITIVE_INFINITY));
    assertEquals("x.npy: row 2: column 1 has Infinity, not a finite number", refusal(x, "r"));
    NpyFile.write(x, Shape.of(2), FloatArray.of(arena, 1, 2));
    assertEquals(
        "x.npy: has one value a row, as classes do; name the file of the features",
        refusal(x, "r"));
    NpyFile.write(x, Shape.of(0, 3), FloatArray.allocate(arena, 0));
    assertEquals("x.npy: has no row of data", refusal(x, "r"));
    Path csv = Files.writeString(directory.resolve("x.csv"), "1,0\n");
    var e =
        assertThrows(
            FileException.class,
            () -> DataSet.read(arena, csv, y, DataFormat.CLASSIFICATION, n -> {}));
    assertEquals(
        csv + ": is no IDX or .npy file, so its targets are in its last columns and not in " + y,
        e.getMessage());
    assertThrows(
        FileException.class, () -> DataSet.read(arena, x, csv, DataFormat.CLASSIFICATION, n -> {}));
  }

  private String refusal(Path features, String task) {
    DataFormat format =
        switch (task) {
          case "c" -> DataFormat.CLASSIFICATION;
          case "m" -> DataFormat.multilabel(2);
          default -> DataFormat.regression(2);
        };
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, features, format));
    return e.getMessage().replace(directory + "/", "");
  }
}
