package io.github.lanewise.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/// Numbers as people read them.
public final class Figures {
  private Figures() {}

  /// {@return a number with four digits, as short as it can be; a dash if it is not finite}
  ///
  /// @param number any number
  public static String number(double number) {
    return number(number, 4);
  }

  /// {@return a number as short as it can be; a dash if it is not finite}
  ///
  /// @param number any number
  /// @param digits as many as it has at most
  public static String number(double number, int digits) {
    if (!Double.isFinite(number)) {
      return "-";
    }
    if (number == Math.rint(number) && Math.abs(number) < 1e6) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    String text = String.format(Locale.ROOT, "%." + digits + "g", number);
    return text.replaceAll("(\\.\\d*?)0+(e|$)", "$1$2").replaceAll("\\.(e|$)", "$1");
  }

  /// Returns settings in the order of their names.
  static String words(Map<String, Double> settings) {
    List<String> words = new ArrayList<>();
    for (String name : new TreeSet<>(settings.keySet())) {
      words.add(name + " " + Figures.number(settings.get(name)));
    }
    return words.isEmpty() ? "none" : String.join(", ", words);
  }
}
