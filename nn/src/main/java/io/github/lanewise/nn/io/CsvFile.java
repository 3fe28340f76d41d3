package io.github.lanewise.nn.io;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.github.lanewise.core.FloatArray;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/// Reads [DataSet]s from CSV files.
///
/// The file is read twice: once to count the lines, and once to fill memory that is as large as
/// the rows need. A third look at the first two lines tells whether there is a header.
final class CsvFile {
  /// The most rows that the arrays of the rows' classes can hold.
  private static final int MAX_ROWS = Integer.MAX_VALUE - 8;

  private final DataFile file;
  private final DataFormat format;
  private final Classes classes;
  private List<String> header = List.of();
  private int fields;
  private boolean labelled;
  private int rows;
  private FloatArray features;
  private FloatArray targets;
  private int[] numbers;

  private CsvFile(DataFile file, DataFormat format) {
    this.file = file;
    this.format = format;
    this.classes = new Classes(format.classNames());
  }

  static DataSet read(Arena arena, DataFile file, DataFormat format) throws IOException {
    CsvFile csv = new CsvFile(file, format);
    try {
      csv.begin();
      csv.allocate(arena);
      csv.fill();
    } catch (CsvParseException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new FileException(file.path(), "is not CSV: " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return csv.dataSet();
  }

  private static CsvReader<CsvLine> lines(InputStream in) throws IOException {
    return CsvReader.builder()
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .detectBomHeader(true)
        .build(new CsvLine(), in, StandardCharsets.UTF_8);
  }

  /// Learns from the first two lines how many columns there are, whether the last ones are
  /// targets, and whether the first line is a header.
  private void begin() throws IOException {
    try (CsvReader<CsvLine> lines = lines(file.glance())) {
      Iterator<CsvLine> iterator = lines.iterator();
      if (!iterator.hasNext()) {
        throw noRow();
      }
      CsvLine line = iterator.next();
      fields = line.fields();
      labelled = format.anyFeatures() || fields == format.features() + format.targets();
      requireFields(line);
      boolean wordAtTheEnd = line.isWord(fields - 1);
      boolean wordsAlone = true;
      List<String> texts = new ArrayList<>();
      for (int field = 0; field < fields; field++) {
        wordsAlone &= line.isWord(field);
        texts.add(line.text(field).strip());
      }
      boolean classAtTheEnd = labelled && format.task() == Task.CLASSIFICATION;
      if (wordAtTheEnd && (wordsAlone || !classAtTheEnd || endsWithNumber(iterator))) {
        header = texts;
      }
    }
  }

  private static boolean endsWithNumber(Iterator<CsvLine> lines) {
    if (!lines.hasNext()) {
      return false;
    }
    CsvLine line = lines.next();
    return !line.isWord(line.fields() - 1);
  }

  private void requireFields(CsvLine line) throws FileException {
    if (format.anyFeatures() && fields <= format.targets()) {
      throw problem(
          line,
          "has %d column%s, a feature and %s are needed"
              .formatted(fields, fields == 1 ? "" : "s", format.targetsInWords()));
    }
    if (!labelled && fields != format.features()) {
      throw problem(
          line,
          "has %d columns, the network takes %d features and perhaps %s"
              .formatted(fields, format.features(), format.targetsInWords()));
    }
  }

  private int columns() {
    return labelled ? fields - format.targets() : fields;
  }

  private void allocate(Arena arena) throws IOException {
    long bound = rowBound();
    if (bound > MAX_ROWS) {
      throw new FileException(file.path(), "may have more than the 2^31 rows that can be held");
    }
    features = FloatArray.allocate(arena, bound * columns());
    if (labelled && format.task() == Task.CLASSIFICATION) {
      numbers = new int[(int) bound];
    } else if (labelled) {
      targets = FloatArray.allocate(arena, bound * format.targets());
    }
  }

  /// Returns a number of rows that the file does not exceed: that of its lines that are not empty.
  /// A row has at least two bytes for each field, which makes the bound tighter in a file of lines
  /// that are too short, so that one such file does not ask for much memory.
  private long rowBound() throws IOException {
    long bytes = 0;
    long lines = 0;
    boolean empty = true;
    try (InputStream in = file.glance()) {
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n > 0; n = in.read(chunk)) {
        for (int i = 0; i < n; i++) {
          boolean end = chunk[i] == '\n' || chunk[i] == '\r';
          lines += empty && !end ? 1 : 0;
          empty = end;
        }
        bytes += n;
      }
    }
    return Math.min(lines, bytes / (2L * fields) + 1);
  }

  private void fill() throws IOException {
    try (CsvReader<CsvLine> lines = lines(file.read())) {
      boolean skip = !header.isEmpty();
      for (CsvLine line : lines) {
        if (skip) {
          skip = false;
        } else {
          add(line);
        }
      }
    }
  }

  private void add(CsvLine line) throws FileException {
    if (line.fields() != fields) {
      throw problem(
          line, "has %d columns, the lines above have %d".formatted(line.fields(), fields));
    }
    int columns = columns();
    if ((long) rows * columns == features.length()) {
      throw problem(line, "was added while the file was read");
    }
    for (int column = 0; column < columns; column++) {
      features.set((long) rows * columns + column, number(line, column));
    }
    if (numbers != null) {
      try {
        numbers[rows] = classes.number(line.text(fields - 1));
      } catch (IllegalArgumentException e) {
        throw problem(line, e.getMessage());
      }
    } else if (targets != null) {
      for (int i = 0; i < format.targets(); i++) {
        targets.set((long) rows * format.targets() + i, target(line, columns + i));
      }
    }
    rows++;
  }

  private float target(CsvLine line, int field) throws FileException {
    float value = number(line, field);
    if (format.task() == Task.MULTILABEL && value != 0 && value != 1) {
      throw problem(
          line,
          "column %d has %s, a label is 0 or 1"
              .formatted(field + 1, FileException.shown(line.text(field))));
    }
    return value;
  }

  private float number(CsvLine line, int field) throws FileException {
    float value = (float) line.number(field);
    if (!Float.isFinite(value)) {
      throw problem(
          line,
          "column %d has %s, not a finite number"
              .formatted(field + 1, FileException.shown(line.text(field))));
    }
    return value;
  }

  private DataSet dataSet() throws FileException {
    if (rows == 0) {
      throw noRow();
    }
    int columns = columns();
    FloatArray values = features.slice(0, (long) rows * columns);
    List<String> featureNames = header.isEmpty() ? header : header.subList(0, columns);
    if (!labelled) {
      return DataSet.unlabelled(values, columns).withNames(featureNames, List.of());
    }
    if (targets != null) {
      return DataSet.withTargets(values, columns, targets.slice(0, (long) rows * format.targets()))
          .withNames(featureNames, header.isEmpty() ? header : header.subList(columns, fields));
    }
    int[] indices = classes.indices();
    int[] labels = Arrays.copyOf(numbers, rows);
    Arrays.setAll(labels, row -> indices[labels[row]]);
    return DataSet.of(values, columns, labels).withNames(featureNames, classes.names());
  }

  private FileException noRow() {
    return new FileException(file.path(), "has no row of data");
  }

  private FileException problem(CsvLine line, String problem) {
    return new FileException(file.path(), "line " + line.number() + ": " + problem);
  }
}
