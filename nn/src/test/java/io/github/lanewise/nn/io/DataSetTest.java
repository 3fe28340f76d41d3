package io.github.lanewise.nn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DataSetTest {
  private static final String IMAGES = "train-images-idx3-ubyte";
  private static final String LABELS = "train-labels-idx1-ubyte";

  private final Arena arena = Arena.ofConfined();
  @TempDir Path directory;

  @AfterEach
  void close() {
    arena.close();
  }

  private Path csv(String text) throws IOException {
    return Files.writeString(directory.resolve("data.csv"), text.replace('/', '\n'));
  }

  private Path idx(String name, String hex) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return Files.write(directory.resolve(name), name.endsWith(".gz") ? gzip(bytes) : bytes);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private String refusal(Path file) {
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, file));
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    return e.getMessage().replace(directory + "/", "");
  }

  private static int[] labels(DataSet data) {
    int[] labels = new int[data.rows()];
    Arrays.setAll(labels, data::label);
    return labels;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1,2.5,0/-3,4e1,2/",
        "1,2.5,0/-3,4e1,2",
        "a,b,Class/1,2.5,0/-3,4e1,2/",
        "0,1,Class/1,2.5,0/-3,4e1,2/",
        "\ufeff\"a\",\"b\",\"c\"/1, 2.5 ,0.0/\"-3\",4e1,2/",
        "1,2.5,0//-3,4e1,2//",
        "\ufeff1,2.5,0/-3,4e1,2/",
      })
  void readsCsv(String text) throws IOException {
    DataSet data = DataSet.read(arena, csv(text));
    assertArrayEquals(new float[] {1, 2.5f, -3, 40}, data.features().toArray());
    assertArrayEquals(new int[] {0, 2}, labels(data));
    assertEquals(3, data.classes());
    assertEquals("2 rows of 2 features, 3 classes", data.toString());
  }

  @Test
  void readsMoreRowsThanItExpected() throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      text.append(i).append(',').append(-i).append(',').append(i % 7).append("\r\n");
    }
    Path packed = Files.write(directory.resolve("d.csv.gz"), gzip(text.toString().getBytes(UTF_8)));
    DataSet data = DataSet.read(arena, packed);
    assertEquals(3000, data.rows());
    assertEquals(-2999, data.features().get(5999));
    assertEquals(2999 % 7, data.label(2999));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``|data.csv: is empty",
        "a,b,Class|data.csv: has no row of data",
        "a,b,Class//|data.csv: has no row of data",
        "1,2,0/1,2/|data.csv: line 2: has 2 columns, the lines above have 3",
        "1,2,0/1,2,3,0/|data.csv: line 2: has 4 columns, the lines above have 3",
        "h,h,h//1,2,0/1,x,0/|data.csv: line 4: column 2 has 'x', not a finite number",
        "1,2,0/1,,0/|data.csv: line 2: column 2 has '', not a finite number",
        "1,nan,0/|data.csv: line 1: column 2 has 'nan', not a finite number",
        "1,Infinity,0/|data.csv: line 1: column 2 has 'Infinity', not a finite number",
        "1,1e39,0/|data.csv: line 1: column 2 has '1e39', not a finite number",
        "1,2f,0/|data.csv: line 1: column 2 has '2f', not a finite number",
        "1,0x1p3,0/|data.csv: line 1: column 2 has '0x1p3', not a finite number",
        "1,0X1P3,0/|data.csv: line 1: column 2 has '0X1P3', not a finite number",
        "1,2,0/1,2,-1/|data.csv: line 2: class '-1' is not a whole number in 0..65535",
        "1,2,0.5/|data.csv: line 1: class '0.5' is not a whole number in 0..65535",
        "1,2,65536/|data.csv: line 1: class '65536' is not a whole number in 0..65535",
        "1,2,NaN/|data.csv: line 1: class 'NaN' is not a whole number in 0..65535",
        "1,2,0/1,2,cat/|data.csv: line 2: class 'cat' is not a whole number in 0..65535",
        "1,2,/|data.csv: line 1: class '' is not a whole number in 0..65535",
        "5/|data.csv: line 1: has 1 column, a feature and the class are needed",
      })
  void refusesCsvWithTheLineAndTheValue(String text, String message) throws IOException {
    assertEquals(message, refusal(csv(text)));
  }

  @Test
  void readsWhatANetworkTakesWithAndWithoutClasses() throws IOException {
    DataSet bare = DataSet.read(arena, csv("1,2/3,4/"), 2, 3);
    assertFalse(bare.isLabelled());
    assertEquals("2 rows of 2 features, no classes", bare.toString());
    assertThrows(IllegalStateException.class, () -> bare.label(0));
    assertArrayEquals(new int[] {2, 1}, labels(DataSet.read(arena, csv("1,2,2/3,4,1/"), 2, 3)));

    Path other = csv("1,2,3,4/");
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, other, 2, 3));
    assertEquals(
        other + ": line 1: has 4 columns, the network takes 2 features and perhaps the class",
        e.getMessage());
    Path beyond = csv("1,2,2/3,4,3/");
    e = assertThrows(FileException.class, () -> DataSet.read(arena, beyond, 2, 3));
    assertEquals(beyond + ": line 2: class '3' is not a whole number in 0..2", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"'',''", "'',.gz", ".gz,''", ".gz,.gz"})
  void readsIdxWithItsLabels(String imagesSuffix, String labelsSuffix) throws IOException {
    Path images = idx(IMAGES + imagesSuffix, "00000803 00000002 00000001 00000003 00017f80ff09");
    idx(LABELS + labelsSuffix, "00000801 00000002 0700");
    DataSet data = DataSet.read(arena, images);
    assertEquals(3, data.columns());
    assertArrayEquals(new float[] {0, 1, 127, 128, 255, 9}, data.features().toArray());
    assertArrayEquals(new int[] {7, 0}, labels(data));
  }

  @Test
  void readsIdxWithoutLabelsForPrediction() throws IOException {
    Path images = idx("images", "00000802 00000001 00000003 000102");
    assertFalse(DataSet.read(arena, images, 3, 10).isLabelled());
    assertEquals("images: the file with its classes is not beside it: labels", refusal(images));
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, images, 4, 10));
    assertEquals(images + ": has 3 features, the network takes 4", e.getMessage());
    idx("labels", "00000801 00000001 0a");
    e = assertThrows(FileException.class, () -> DataSet.read(arena, images, 3, 10));
    assertEquals(
        images.resolveSibling("labels") + ": row 1: class 10 is not in 0..9", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0000|does not begin as an IDX file does",
        "00000d02 00000001 00000001 00000000|has IDX element type 0x0d and rank 2;"
            + " Lanewise reads unsigned bytes; 0x08; of rank 1 or more",
        "00000803 00000001|ends within the sizes of its 3 dimensions",
        "00000803 00000001 00000001 00000003 0001|has 2 bytes of data; its shape [1; 1; 3] asks"
            + " for 3",
        "00000803 00000001 00000001 00000001 0001|goes on after the data that its shape [1; 1; 1]"
            + " asks for",
        "00000803 ffffffff 00000001 00000001 00|has shape [-1; 1; 1]; more than 2^31 elements",
        "00000802 7fffffff 00000001 00|has shape [2147483647; 1]; more than 2^31 elements",
        "00000804 00010000 00010000 00010000 00010000 00|has shape [65536; 65536; 65536; 65536];"
            + " more than 2^31 elements",
        "00000803 00000000 00000001 00000001|has no row of data",
        "00000803 00000000 7fffffff 7fffffff|has no row of data",
        "00000801 00000001 00|has one value a row; as classes do; name the file of the images",
      })
  void refusesIdxThatIsDamaged(String hex, String message) throws IOException {
    assertEquals(
        (IMAGES + ": " + message).replaceAll("[;,]", ""),
        refusal(idx(IMAGES, hex)).replaceAll("[;,]", ""));
  }

  @Test
  void refusesIdxWhoseFilesDoNotFitEachOther() throws IOException {
    Path images = idx(IMAGES, "00000803 00000002 00000001 00000001 0001");
    assertEquals(
        IMAGES + ": the file with its classes is not beside it: " + LABELS, refusal(images));
    idx(LABELS, "00000801 00000003 000102");
    assertEquals(LABELS + ": has shape [3], but " + IMAGES + " has 2 images", refusal(images));
    idx(LABELS, "00000802 00000002 00000001 0001");
    assertEquals(LABELS + ": has shape [2, 1], but " + IMAGES + " has 2 images", refusal(images));
    idx(LABELS, "00000801 00000002 00");
    assertEquals(LABELS + ": has 1 bytes of data, its shape [2] asks for 2", refusal(images));
    Path unnamed = idx("digits", "00000803 00000001 00000001 00000001 00");
    assertEquals(
        "digits: the file with its classes is not beside it: the name has no 'images' to replace"
            + " by 'labels'",
        refusal(unnamed));
  }

  @Test
  void refusesGzipThatIsCutShortOrDamaged() throws IOException {
    byte[] packed = gzip("1,2,0\n".repeat(1000).getBytes(UTF_8));
    Path file = directory.resolve("data.csv.gz");
    for (int bytes = 2; bytes < packed.length; bytes++) {
      Files.write(file, Arrays.copyOf(packed, bytes));
      assertEquals("data.csv.gz: the gzip data ends early", refusal(file));
    }
    packed[packed.length - 8] ^= 1; // the checksum
    Files.write(file, packed);
    assertEquals("data.csv.gz: the gzip data is damaged: Corrupt GZIP trailer", refusal(file));
    Files.write(file, gzip(new byte[0]));
    assertEquals("data.csv.gz: is empty, once unpacked", refusal(file));
  }

  @Test
  void refusesWhatIsNoFile() {
    assertEquals("missing: no such file", refusal(directory.resolve("missing")));
    assertEquals(directory + ": is a directory", refusal(directory), "the directory itself");
  }

  @Test
  void refusesNulBytesAndEndlessQuotes() throws IOException {
    assertEquals(
        "data.csv: line 2: column 2 has '\\u0000', not a finite number",
        refusal(csv("1,2,0/1,\0,0/")));
    assertEquals(
        "data.csv: line 1: column 1 has '1,2,0\\u000a', not a finite number",
        refusal(csv("\"1,2,0/\",3,4/")));
  }

  @Test
  void wrapsArraysThatFit() {
    FloatArray values = FloatArray.of(arena, 1, 2, 3, 4);
    assertEquals(2, DataSet.of(values, 2, 0, 1).rows());
    assertThrows(IllegalArgumentException.class, () -> DataSet.of(values, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> DataSet.of(values, 2, 0, -1));
    assertThrows(IllegalArgumentException.class, () -> DataSet.unlabelled(values, 3));
    assertThrows(IllegalArgumentException.class, () -> DataSet.unlabelled(values, 0));
  }
}
