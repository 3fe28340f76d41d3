package io.github.lanewise.nn.io;

import io.github.lanewise.core.FloatArray;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Rows of features, with the class of each row or, for prediction, without.
///
/// [#read(Arena, Path)] tells two formats apart by their first bytes. Both may be gzipped.
///
/// - CSV: one row per line, with the class in the last column. A first line whose last field is not
///   a number is a header and is skipped; so are empty lines.
/// - IDX, the format of MNIST: images of unsigned bytes. The classes are in a second file beside
///   it, whose name has `labels` and `idx1` where that of the images has `images` and `idx3`, such
///   as `train-images-idx3-ubyte` and `train-labels-idx1-ubyte.gz`.
///
/// Classes count from 0. The features of a file are finite. They lie in the caller's arena.
public final class DataSet {
  /// The most classes that a data set may have. A misprinted class of a billion would otherwise ask
  /// for a network with a billion outputs.
  static final int MAX_CLASSES = 1 << 16;

  private final FloatArray features;
  private final int columns;
  private final int[] labels;

  private DataSet(FloatArray features, int columns, int[] labels) {
    this.features = features;
    this.columns = columns;
    this.labels = labels;
  }

  /// {@return a data set over `features`, row after row of `columns`, with one class for each row}
  ///
  /// @param features `[rows, columns]`
  /// @param columns the number of features of a row
  /// @param labels the class of each row, copied
  /// @throws IllegalArgumentException if the sizes do not fit, or a class is negative or too large
  public static DataSet of(FloatArray features, int columns, int... labels) {
    for (int label : labels) {
      if (label < 0 || label >= MAX_CLASSES) {
        throw new IllegalArgumentException("class " + label + " is not in 0.." + (MAX_CLASSES - 1));
      }
    }
    requireRows(features, columns, labels.length);
    return new DataSet(features, columns, labels.clone());
  }

  /// {@return a data set over `features`, row after row of `columns`, without classes}
  ///
  /// @param features `[rows, columns]`
  /// @param columns the number of features of a row
  /// @throws IllegalArgumentException if the sizes do not fit
  public static DataSet unlabelled(FloatArray features, int columns) {
    requireRows(features, columns, features.length() / Math.max(columns, 1));
    return new DataSet(features, columns, null);
  }

  private static void requireRows(FloatArray features, int columns, long rows) {
    Objects.requireNonNull(features, "features is null");
    if (columns <= 0 || rows > Integer.MAX_VALUE - 8 || features.length() != rows * columns) {
      throw new IllegalArgumentException(
          "features has %d elements, not %d rows of %d"
              .formatted(features.length(), rows, columns));
    }
  }

  /// Reads a file with classes, such as training data.
  ///
  /// @param arena owns the features
  /// @param file CSV or IDX, gzipped or not
  /// @return the rows of the file
  /// @throws FileException if the file is missing or damaged, has no row, no class, or a value that
  ///     is not a finite number
  public static DataSet read(Arena arena, Path file) throws FileException {
    return read(arena, file, Expected.ANY);
  }

  /// Reads a file for a network of `columns` inputs and `classes` outputs. The file may lack the
  /// classes.
  ///
  /// @param arena owns the features
  /// @param file CSV or IDX, gzipped or not
  /// @param columns the features of a row
  /// @param classes the outputs of the network
  /// @return the rows of the file
  /// @throws IllegalArgumentException if `columns` or `classes` is not positive
  /// @throws FileException as for [#read(Arena, Path)], or if the rows have another number of
  ///     features, or a class is `classes` or more
  public static DataSet read(Arena arena, Path file, int columns, int classes)
      throws FileException {
    if (columns <= 0 || classes <= 0) {
      throw new IllegalArgumentException(
          "columns is %d and classes is %d, both must be positive".formatted(columns, classes));
    }
    return read(arena, file, new Expected(columns, classes));
  }

  /// What a file must have to suit a network.
  ///
  /// @param columns the number of features, 0 for any
  /// @param classes one more than the largest class allowed
  record Expected(int columns, int classes) {
    static final Expected ANY = new Expected(0, MAX_CLASSES);

    boolean anyColumns() {
      return columns == 0;
    }
  }

  private static DataSet read(Arena arena, Path file, Expected expected) throws FileException {
    Objects.requireNonNull(arena, "arena is null");
    if (Files.isDirectory(file)) {
      throw new FileException(file, "is a directory");
    }
    try (InputStream in = open(file)) {
      return IdxFile.recognises(in)
          ? IdxFile.read(arena, file, in, expected)
          : CsvFile.read(arena, file, in, expected);
    } catch (IOException e) {
      throw readFailure(file, e);
    }
  }

  /// Opens a file, and unpacks it if it is gzipped. The stream supports marks.
  static InputStream open(Path file) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      byte[] magic = peek(raw, 2);
      if (magic.length == 0) {
        throw new FileException(file, "is empty");
      }
      if (!Arrays.equals(magic, new byte[] {0x1f, (byte) 0x8b})) {
        return raw;
      }
      InputStream unpacked = new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16);
      if (peek(unpacked, 1).length == 0) {
        throw new FileException(file, "is empty, once unpacked");
      }
      return unpacked;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /// Returns the next bytes, or fewer at the end of the file. The next read returns them again.
  static byte[] peek(InputStream in, int bytes) throws IOException {
    in.mark(bytes);
    byte[] next = in.readNBytes(bytes);
    in.reset();
    return next;
  }

  static FileException readFailure(Path file, IOException cause) {
    if (cause instanceof EOFException) {
      return new FileException(file, "the gzip data ends early", cause);
    }
    if (cause instanceof ZipException) {
      return new FileException(file, "the gzip data is damaged: " + cause.getMessage(), cause);
    }
    return FileException.of(file, cause);
  }

  /// {@return the number of rows}
  public int rows() {
    return Math.toIntExact(features.length() / columns);
  }

  /// {@return the number of features of a row}
  public int columns() {
    return columns;
  }

  /// {@return all features, row after row: `rows()` times `columns()` elements}
  public FloatArray features() {
    return features;
  }

  /// {@return whether the rows have classes}
  public boolean isLabelled() {
    return labels != null;
  }

  /// {@return the class of a row}
  ///
  /// @param row counts from 0
  /// @throws IllegalStateException unless the data [#isLabelled]
  /// @throws IndexOutOfBoundsException unless `0 <= row < rows()`
  public int label(int row) {
    if (labels == null) {
      throw new IllegalStateException("the rows have no classes");
    }
    return labels[Objects.checkIndex(row, labels.length)];
  }

  /// {@return one more than the largest class: the outputs that a network for this data needs}
  ///
  /// @throws IllegalStateException unless the data [#isLabelled]
  public int classes() {
    int classes = 0;
    for (int row = 0; row < rows(); row++) {
      classes = Math.max(classes, label(row) + 1);
    }
    return classes;
  }

  /// Such as `3823 rows of 64 features, 10 classes`.
  @Override
  public String toString() {
    return "%d rows of %d features, %s"
        .formatted(rows(), columns, isLabelled() ? classes() + " classes" : "no classes");
  }
}
