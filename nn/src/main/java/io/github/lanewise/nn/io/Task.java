package io.github.lanewise.nn.io;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// What the outputs of a network mean.
public enum Task {
  /// Each row has one class, and the outputs are the logits of the classes.
  CLASSIFICATION,

  /// Each row has one or more numbers, which the outputs approximate.
  REGRESSION,

  /// Each row has any number of labels, and the outputs are the logits of the labels: an output
  /// above 0 says that the label is more likely there than not.
  MULTILABEL;

  /// {@return the task of that name}
  ///
  /// @param name what [#toString] returns
  /// @throws IllegalArgumentException if there is none
  public static Task named(String name) {
    for (Task task : values()) {
      if (task.toString().equals(name)) {
        return task;
      }
    }
    throw new IllegalArgumentException(
        "unknown task "
            + FileException.shown(name)
            + ": it must be one of "
            + Arrays.stream(values()).map(Task::toString).collect(Collectors.joining(", ")));
  }

  /// {@return the name in lower case, such as `classification`}
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
