package io.github.lanewise.nn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    assertEquals(3, data.outputs());
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
        "1,2,/|data.csv: line 1: the class is empty",
        "1,2,0/1,2, /|data.csv: line 2: the class is empty",
        "a,b/1,2,0/|data.csv: line 2: has 3 columns, the lines above have 2",
        "5/|data.csv: line 1: has 1 column, a feature and the class are needed",
      })
  void refusesCsvWithTheLineAndTheValue(String text, String message) throws IOException {
    assertEquals(message, refusal(csv(text)));
  }

  private static DataFormat classes(int features, String... names) {
    return DataFormat.CLASSIFICATION.withFeatures(features).withClassNames(List.of(names));
  }

  @Test
  void readsWhatANetworkTakesWithAndWithoutClasses() throws IOException {
    DataFormat format = classes(2, "0", "1", "2");
    DataSet bare = DataSet.read(arena, csv("1,2/3,4/"), format);
    assertFalse(bare.isLabelled());
    assertEquals("2 rows of 2 features, no classes", bare.toString());
    assertThrows(IllegalStateException.class, () -> bare.label(0));
    assertThrows(IllegalStateException.class, bare::outputs);
    assertThrows(IllegalStateException.class, bare::targets);
    DataSet labelled = DataSet.read(arena, csv("1,2,1.0/3,4,1/"), format);
    assertArrayEquals(new int[] {1, 1}, labels(labelled));
    assertEquals(3, labelled.outputs());

    Path other = csv("1,2,3,4/");
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, other, format));
    assertEquals(
        other + ": line 1: has 4 columns, the network takes 2 features and perhaps the class",
        e.getMessage());
    Path beyond = csv("1,2,2/3,4,3/");
    e = assertThrows(FileException.class, () -> DataSet.read(arena, beyond, format));
    assertEquals(
        beyond + ": line 2: class '3' is not one of the 3 that are known: 0, 1, 2", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2,no/3,4,yes/5,6,no|no,yes|0,1,0|",
        "size,price,is it/1,2,no/3,4,yes/5,6,no|no,yes|0,1,0|size,price",
        "1,2,b/3,4, a /5,6,\"b\"|a,b|1,0,1|",
        "1,2,-1/3,4,1/5,6,-1|-1,1|0,1,0|",
        "1,2,1/3,4,1.5/5,6,1|1,1.5|0,1,0|",
        "1,2,10/3,4,9/5,6,x|10,9,x|0,1,2|",
        "1,2,2/3,4,0/5,6,02.0|0,1,2|2,0,2|",
        "1,2,NaN/3,4,2/5,6,1|1,2,NaN|2,1,0|",
        "1,2,65536/3,4,65535/5,6,65535|65535,65536|1,0,0|",
        "h,h,h/1,2,k/1,2,h/1,2,k|h,k|1,0,1|h,h",
        "0,1,Class/1,2,1/1,2,0/1,2,1|0,1|1,0,1|0,1",
      })
  void classesMayBeAnyTexts(String text, String names, String indices, String features)
      throws IOException {
    DataSet data = DataSet.read(arena, csv(text));
    assertEquals(List.of(names.split(",")), data.outputNames());
    assertEquals(List.of(names.split(",")).size(), data.outputs());
    assertArrayEquals(
        Arrays.stream(indices.split(",")).mapToInt(Integer::parseInt).toArray(), labels(data));
    assertEquals(features == null ? List.of() : List.of(features.split(",")), data.featureNames());
    assertEquals(3, data.rows());
    assertEquals(2, data.columns());
  }

  @Test
  void theClassesOfAModelKeepTheirIndices() throws IOException {
    DataFormat format = classes(1, "pear", "apple", "fig");
    DataSet data = DataSet.read(arena, csv("x,kind/1,fig/2,pear/"), format);
    assertArrayEquals(new int[] {2, 0}, labels(data));
    assertEquals(List.of("pear", "apple", "fig"), data.outputNames());
    Path file = csv("1,fig/2,plum/");
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, file, format));
    assertEquals(
        file + ": line 2: class 'plum' is not one of the 3 that are known: pear, apple, fig",
        e.getMessage());
  }

  @Test
  void refusesMoreClassesThanCanBeToldApart() throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i <= DataSet.MAX_CLASSES; i++) {
      text.append("1,c").append(i).append('\n');
    }
    assertEquals(
        "data.csv: line 65537: class 'c65536' is one more than the 65536 that can be told apart",
        refusal(csv(text.toString())));
  }

  @Test
  void readsNumbersToPredict() throws IOException {
    DataSet data = DataSet.read(arena, csv("a,b,p/1,2,0.5/-3,4e1,-2/"), DataFormat.regression(1));
    assertArrayEquals(new float[] {1, 2, -3, 40}, data.features().toArray());
    assertArrayEquals(new float[] {0.5f, -2}, data.targets().toArray());
    assertEquals("2 rows of 2 features, 1 targets", data.toString());
    assertEquals(List.of("p"), data.outputNames());
    assertFalse(data.hasClasses());
    assertThrows(IllegalStateException.class, () -> data.label(0));

    DataSet two = DataSet.read(arena, csv("1,2,0.5/-3,4e1,-2/"), DataFormat.regression(2));
    assertArrayEquals(new float[] {2, 0.5f, 40, -2}, two.targets().toArray());
    assertEquals(2, two.outputs());
    assertEquals(List.of(), two.outputNames());

    DataSet labels = DataSet.read(arena, csv("x,hot,new/7,1,0/8,0,0/"), DataFormat.multilabel(2));
    assertArrayEquals(new float[] {1, 0, 0, 0}, labels.targets().toArray());
    assertEquals(List.of("hot", "new"), labels.outputNames());
    DataSet bare = DataSet.read(arena, csv("7/8/"), DataFormat.multilabel(2).withFeatures(1));
    assertFalse(bare.isLabelled());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "regression|1,2,x/1,2,x|data.csv: line 2: column 3 has 'x', not a finite number",
        "regression|1,2,nan/|data.csv: line 1: column 3 has 'nan', not a finite number",
        "regression|1/|data.csv: line 1: has 1 column, a feature and 2 targets are needed",
        "multilabel|1,0,1/1,2,1|data.csv: line 2: column 2 has '2', a label is 0 or 1",
        "multilabel|1,0/|data.csv: line 1: has 2 columns, a feature and 2 labels are needed",
      })
  void refusesTargetsThatAreNone(String task, String text, String message) throws IOException {
    DataFormat format =
        task.equals("regression") ? DataFormat.regression(2) : DataFormat.multilabel(2);
    Path file = csv(text);
    var e = assertThrows(FileException.class, () -> DataSet.read(arena, file, format));
    assertEquals(message, e.getMessage().replace(directory + "/", ""));
  }

  @Test
  void refusesFormatsThatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> DataFormat.regression(0));
    assertThrows(IllegalArgumentException.class, () -> DataFormat.CLASSIFICATION.withFeatures(-1));
    assertThrows(
        IllegalArgumentException.class, () -> new DataFormat(Task.CLASSIFICATION, 2, 0, List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> DataFormat.regression(1).withClassNames(List.of("a")));
    var e = assertThrows(IllegalArgumentException.class, () -> Task.named("guessing"));
    assertEquals(
        "unknown task 'guessing': it must be one of classification, regression, multilabel",
        e.getMessage());
    assertEquals(Task.MULTILABEL, Task.named("multilabel"));
  }

  @Test
  void everyNumberIsReadAsJavaReadsIt() throws IOException {
    var random = new SplittableRandom(5);
    var text = new StringBuilder();
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      String number =
          switch (i % 6) {
            case 0 -> Integer.toString(random.nextInt());
            case 1 -> Double.toString(random.nextDouble() - 0.5);
            case 2 -> Float.toString(Float.intBitsToFloat(random.nextInt() & 0xbfffffff));
            case 3 -> new BigDecimal(random.nextDouble(1e6)).toPlainString();
            case 4 -> "%.3f".formatted(random.nextDouble(1000));
            default -> "+.%d".formatted(random.nextLong(Long.MAX_VALUE));
          };
      numbers.add(number);
      text.append(number).append(",0\n");
    }
    float[] read = DataSet.read(arena, csv(text.toString())).features().toArray();
    for (int i = 0; i < read.length; i++) {
      assertEquals((float) Double.parseDouble(numbers.get(i)), read[i], numbers.get(i));
    }
  }

  @Test
  void reportsHowManyBytesWereRead() throws IOException {
    Path file =
        Files.write(directory.resolve("d.csv.gz"), gzip("1,2,0\n".repeat(99_999).getBytes(UTF_8)));
    List<Long> reports = new ArrayList<>();
    DataSet.read(arena, file, null, DataFormat.CLASSIFICATION, reports::add);
    assertEquals(Files.size(file), reports.getLast());
    assertEquals(reports.stream().sorted().toList(), reports);
  }

  @Test
  void splitsTheRowsInPlace() {
    FloatArray features = FloatArray.allocate(arena, 20);
    int[] labels = new int[10];
    for (int row = 0; row < 10; row++) {
      features.set(2L * row, row);
      features.set(2L * row + 1, -row);
      labels[row] = row;
    }
    List<DataSet> parts = DataSet.of(features, 2, labels).split(3, 7);
    List<Integer> seen = new ArrayList<>();
    for (DataSet part : parts) {
      for (int row = 0; row < part.rows(); row++) {
        assertEquals(part.label(row), part.features().get(2L * row));
        assertEquals(-part.label(row), part.features().get(2L * row + 1));
        seen.add(part.label(row));
      }
      assertEquals(10, part.outputs());
    }
    assertEquals(List.of(7, 3), parts.stream().map(DataSet::rows).toList());
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), seen.stream().sorted().toList());
    assertNotEquals(seen.stream().sorted().toList(), seen);

    FloatArray numbers = FloatArray.of(arena, 1, 2, 3, 4, 5, 6);
    DataSet pairs =
        DataSet.withTargets(numbers, 2, FloatArray.of(arena, 10, 30, 50)).split(1, 1).getFirst();
    assertEquals(10 * pairs.features().get(0), pairs.targets().get(0));
    assertEquals(10 * pairs.features().get(2), pairs.targets().get(1));
    DataSet whole = DataSet.of(features, 2, labels);
    assertThrows(IllegalArgumentException.class, () -> whole.split(10, 7));
    assertThrows(IllegalArgumentException.class, () -> whole.split(0, 7));
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
    String[] digits = "0123456789".split("");
    assertFalse(DataSet.read(arena, images, classes(3, digits)).isLabelled());
    assertEquals("images: the file with the class is not beside it: labels", refusal(images));
    var e =
        assertThrows(FileException.class, () -> DataSet.read(arena, images, classes(4, digits)));
    assertEquals(images + ": has 3 features, the network takes 4", e.getMessage());
    idx("labels", "00000801 00000001 0a");
    e = assertThrows(FileException.class, () -> DataSet.read(arena, images, classes(3, digits)));
    assertEquals(
        images.resolveSibling("labels")
            + ": row 1: class '10' is not one of the 10 that are known: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        e.getMessage());
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
        "00000803 ffffffff 00000001 00000001 00|has shape [-1; 1; 1]; which cannot be",
        "00000802 7fffffff 00000001 00|has 1 bytes of data; its shape [2147483647; 1] asks for 2147483647",
        "00000804 00010000 00010000 00010000 00010000 00|has shape [65536; 65536; 65536; 65536];"
            + " which cannot be",
        "00000803 00000000 00000001 00000001|has no row of data",
        "00000803 00000000 7fffffff 7fffffff|has no row of data",
        "00000801 00000001 00|has one value a row; as classes do; name the file of the features",
      })
  void refusesIdxThatIsDamaged(String hex, String message) throws IOException {
    assertEquals(
        (IMAGES + ": " + message).replaceAll("[;,]", ""),
        refusal(idx(IMAGES, hex)).replaceAll("[;,]", ""));
  }

  @Test
  void refusesIdxWhoseFilesDoNotFitEachOther() throws IOException {
    Path images = idx(IMAGES, "00000803 00000002 00000001 00000001 0001");
    assertEquals(IMAGES + ": the file with the class is not beside it: " + LABELS, refusal(images));
    idx(LABELS, "00000801 00000003 000102");
    assertEquals(
        LABELS + ": has shape [3], but " + IMAGES + " has 2 rows, each with the class",
        refusal(images));
    idx(LABELS, "00000802 00000003 00000001 000102");
    assertEquals(
        LABELS + ": has shape [3, 1], but " + IMAGES + " has 2 rows, each with the class",
        refusal(images));
    idx(LABELS, "00000801 00000002 00");
    assertEquals(LABELS + ": has 1 bytes of data, its shape [2] asks for 2", refusal(images));
    Path unnamed = idx("digits", "00000803 00000001 00000001 00000001 00");
    assertEquals(
        "digits: the file with the class is not beside it: the name has no 'images', 'features' or 'X'"
            + " to replace by 'labels' or 'y'",
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
