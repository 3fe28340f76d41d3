package io.github.lanewise.nn.io;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import java.util.Arrays;

/// One line of a CSV file. A reader fills the same object with each line in turn, so that a file
/// of millions of fields makes no string for each.
final class CsvLine extends AbstractBaseCsvCallbackHandler<CsvLine> {
  /// The powers of ten that a double holds exactly.
  private static final double[] TENS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private static final long EXACT = 1L << 53;

  private char[] chars = new char[1 << 8];
  private int[] ends = new int[1 << 4];
  private int fields;

  @Override
  protected void handleBegin(long startingLineNumber) {
    fields = 0;
  }

  @Override
  protected void handleField(int field, char[] buffer, int from, int n, boolean quoted) {
    int begin = begin(field);
    if (chars.length - n < begin) {
      chars = Arrays.copyOf(chars, Math.max(2 * chars.length, Math.addExact(begin, n)));
    }
    if (field == ends.length) {
      ends = Arrays.copyOf(ends, 2 * field);
    }
    System.arraycopy(buffer, from, chars, begin, n);
    ends[field] = begin + n;
    fields = field + 1;
  }

  @Override
  protected CsvLine buildRecord() {
    return this;
  }

  private int begin(int field) {
    return field == 0 ? 0 : ends[field - 1];
  }

  int fields() {
    return fields;
  }

  /// The number of the line in the file, from 1; that of its first line if a quoted field has
  /// more.
  long number() {
    return getStartingLineNumber();
  }

  String text(int field) {
    return new String(chars, begin(field), ends[field] - begin(field));
  }

  /// Returns the field as a decimal number, or NaN if it is none.
  double number(int field) {
    return number(chars, begin(field), ends[field]);
  }

  /// Whether the field is neither a number nor blank nor the word NaN: a word, as headers have.
  boolean isWord(int field) {
    String text = text(field);
    return !text.isBlank() && Double.isNaN(number(field)) && !text.strip().equalsIgnoreCase("nan");
  }

  /// Returns the decimal number in a part of `text`, or NaN if there is none. Java's own parser
  /// would also take suffixes, such as `1f`, and hexadecimal numbers.
  ///
  /// A number whose digits and power of ten are both doubles is their product or quotient, rounded
  /// once (W. Clinger: How to read floating point numbers accurately, 1990). Java's parser takes
  /// the others.
  static double number(char[] text, int from, int to) {
    int begin = from;
    int end = to;
    while (begin < end && Character.isWhitespace(text[begin])) {
      begin++;
    }
    while (begin < end && Character.isWhitespace(text[end - 1])) {
      end--;
    }
    int i = begin;
    boolean negative = i < end && text[i] == '-';
    if (negative || (i < end && text[i] == '+')) {
      i++;
    }
    long digits = 0;
    int decimals = 0;
    boolean point = false;
    int first = i;
    for (; i < end && digits < EXACT / 10; i++) {
      char c = text[i];
      if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
        decimals += point ? 1 : 0;
      } else if (c == '.' && !point) {
        point = true;
      } else {
        break;
      }
    }
    boolean simple = i == end && i - first > (point ? 1 : 0) && decimals < TENS.length;
    if (!simple) {
      return parsed(text, begin, end);
    }
    double value = digits / TENS[decimals];
    return negative ? -value : value;
  }

  private static double parsed(char[] text, int begin, int end) {
    for (int i = begin; i < end; i++) {
      if ("0123456789.eE+-".indexOf(text[i]) < 0) {
        return Double.NaN;
      }
    }
    try {
      return Double.parseDouble(new String(text, begin, end - begin));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
