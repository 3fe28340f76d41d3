package io.github.lanewise.nn.io;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.github.lanewise.core.FloatArray;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// Reads [DataSet]s from CSV files.
final class CsvFile {
  private final Path file;
  private final DataSet.Expected expected;
  private float[] features = new float[1 << 10];
  private int[] labels = new int[1 << 4];
  private int rows;
  private int fields;
  private boolean labelled;

  private CsvFile(Path file, DataSet.Expected expected) {
    this.file = file;
    this.expected = expected;
  }

  static DataSet read(Arena arena, Path file, InputStream in, DataSet.Expected expected)
      throws IOException {
    CsvFile csv = new CsvFile(file, expected);
    try (CsvReader<CsvRecord> records =
        CsvReader.builder()
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .detectBomHeader(true)
            .ofCsvRecord(in, StandardCharsets.UTF_8)) {
      boolean first = true;
      for (CsvRecord line : records) {
        if (!first || !isHeader(line)) {
          csv.add(line);
        }
        first = false;
      }
    } catch (CsvParseException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new FileException(file, "is not CSV: " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return csv.dataSet(arena);
  }

  private static boolean isHeader(CsvRecord line) {
    String last = line.getField(line.getFieldCount() - 1);
    return !last.isBlank() && Double.isNaN(number(last)) && !last.strip().equalsIgnoreCase("nan");
  }

  private DataSet dataSet(Arena arena) throws FileException {
    if (rows == 0) {
      throw new FileException(file, "has no row of data");
    }
    int columns = labelled ? fields - 1 : fields;
    FloatArray values = FloatArray.of(arena, Arrays.copyOf(features, rows * columns));
    return labelled
        ? DataSet.of(values, columns, Arrays.copyOf(labels, rows))
        : DataSet.unlabelled(values, columns);
  }

  private void add(CsvRecord line) throws FileException {
    int found = line.getFieldCount();
    if (rows == 0) {
      begin(line);
    } else if (found != fields) {
      throw problem(line, "has %d columns, the lines above have %d".formatted(found, fields));
    }
    int columns = labelled ? fields - 1 : fields;
    int begin = rows * columns;
    if (begin > Integer.MAX_VALUE / 2 - columns) {
      throw problem(line, "is beyond the 2^30 values that one file may hold");
    }
    if (begin + columns > features.length) {
      features = Arrays.copyOf(features, Math.max(features.length * 2, begin + columns));
    }
    for (int column = 0; column < columns; column++) {
      features[begin + column] = feature(line, column);
    }
    if (labelled) {
      labels = rows == labels.length ? Arrays.copyOf(labels, rows * 2) : labels;
      labels[rows] = label(line);
    }
    rows++;
  }

  /// Learns from the first row of data how many columns there are, and whether the last one is the
  /// class.
  private void begin(CsvRecord line) throws FileException {
    fields = line.getFieldCount();
    labelled = expected.anyColumns() || fields == expected.columns() + 1;
    if (expected.anyColumns() && fields < 2) {
      throw problem(line, "has %d column, a feature and the class are needed".formatted(fields));
    }
    if (!labelled && fields != expected.columns()) {
      throw problem(
          line,
          "has %d columns, the network takes %d features and perhaps the class"
              .formatted(fields, expected.columns()));
    }
  }

  private float feature(CsvRecord line, int column) throws FileException {
    String text = line.getField(column);
    float value = (float) number(text);
    if (!Float.isFinite(value)) {
      throw problem(
          line,
          "column %d has %s, not a finite number".formatted(column + 1, FileException.shown(text)));
    }
    return value;
  }

  private int label(CsvRecord line) throws FileException {
    String text = line.getField(fields - 1);
    double value = number(text);
    if (value != Math.rint(value) || value < 0 || value >= expected.classes()) {
      throw problem(
          line,
          "class %s is not a whole number in 0..%d"
              .formatted(FileException.shown(text), expected.classes() - 1));
    }
    return (int) value;
  }

  /// Returns a decimal number, or NaN if the text is none. Java's own parser would also take
  /// suffixes, such as `1f`, and hexadecimal numbers.
  private static double number(String text) {
    String digits = text.strip();
    if (digits.isEmpty()
        || "0123456789.".indexOf(digits.charAt(digits.length() - 1)) < 0
        || digits.indexOf('x') >= 0
        || digits.indexOf('X') >= 0) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private FileException problem(CsvRecord line, String problem) {
    return new FileException(file, "line " + line.getStartingLineNumber() + ": " + problem);
  }
}
