package io.github.lanewise.optim.schedule;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The state of a scheduler as text by name, as the metadata of a checkpoint file hold it. A double
/// is written so that reading it gives the same bits.
final class StateText {
  private StateText() {}

  static final class Writer {
    private final Map<String, String> entries = new LinkedHashMap<>();

    void put(String name, String text) {
      entries.put(name, text);
    }

    void put(String name, long count) {
      entries.put(name, Long.toString(count));
    }

    void put(String name, double number) {
      entries.put(name, Double.toString(number));
    }

    Map<String, String> map() {
      return Collections.unmodifiableMap(entries);
    }
  }

  /// Reads a state entry by entry; each is checked when it is read.
  static final class Reader {
    private final Map<String, String> entries;
    private final Set<String> unread;

    Reader(Map<String, String> entries) {
      this.entries = entries;
      unread = new TreeSet<>(entries.keySet());
    }

    void requireText(String name, String expected) {
      String actual = text(name);
      if (!actual.equals(expected)) {
        throw new IllegalArgumentException(
            "the state is of a " + actual + ", but " + expected + " is needed");
      }
    }

    long count(String name) {
      String text = text(name);
      try {
        long count = Long.parseLong(text);
        if (count >= 0) {
          return count;
        }
      } catch (NumberFormatException e) {
        // the message below says it
      }
      throw new IllegalArgumentException(name + " is " + text + ", not a number of steps");
    }

    /// A number that may be infinite.
    double number(String name) {
      String text = text(name);
      try {
        double number = Double.parseDouble(text);
        if (!Double.isNaN(number)) {
          return number;
        }
      } catch (NumberFormatException e) {
        // the message below says it
      }
      throw new IllegalArgumentException(name + " is " + text + ", not a number");
    }

    double rate(String name) {
      double rate = number(name);
      Require.atLeastZero(name, rate);
      return rate;
    }

    double momentum(String name) {
      double momentum = number(name);
      Require.belowOne(name, momentum);
      return momentum;
    }

    void requireNoOther() {
      if (!unread.isEmpty()) {
        throw new IllegalArgumentException(
            "the state has entries that this scheduler does not have: " + unread);
      }
    }

    private String text(String name) {
      String text = entries.get(name);
      if (text == null) {
        throw new IllegalArgumentException("the state has no entry " + name);
      }
      unread.remove(name);
      return text;
    }
  }
}
