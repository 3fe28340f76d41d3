package io.github.lanewise.optim;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The settings of an optimizer as strings under PyTorch's names, such as `param_groups.0.lr`, and
/// back.
///
/// Numbers are written so that they are read back exactly. What PyTorch's `str` makes of a setting
/// is read too: `True`, `None`, `(0.9, 0.999)`.
final class Metadata {
  private static final String GROUP = "param_groups.";
  private static final String RULE = "optimizer";
  private static final String STEPS = "steps.";
  private static final String FROZEN = "frozen";

  /// A list of positions, such as `[0, 2]`.
  private static final Pattern LIST = Pattern.compile("\\[(\\d{1,9}(, \\d{1,9})*)?]");

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  /// PyTorch's settings of several values, by our names of the values.
  private static final Map<String, List<String>> PARTS =
      Map.of(
          "betas", List.of("beta1", "beta2", "beta3"),
          "etas", List.of("etaMinus", "etaPlus"),
          "step_sizes", List.of("leastStep", "mostStep"),
          "eps", List.of("eps1", "eps2"),
          "ns_coefficients", List.of("nsA", "nsB", "nsC"));

  /// What PyTorch has besides: how it computes, and what a schedule began with.
  private static final Set<String> NOT_OURS =
      Set.of("params", "foreach", "capturable", "differentiable", "fused", "initial_lr");

  private Metadata() {}

  static Map<String, String> of(String rule, List<ParameterGroup> groups, Gradients gradients) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(RULE, rule);
    gradients.put(metadata);
    for (int i = 0; i < groups.size(); i++) {
      for (Setting setting : groups.get(i).settings()) {
        metadata.put(GROUP + i + "." + snake(setting.name()), text(setting));
      }
      List<Integer> frozen = new ArrayList<>();
      for (Slot slot : groups.get(i).slots()) {
        if (slot.isFrozen()) {
          frozen.add(groups.get(i).slots().indexOf(slot));
        }
        if ((float) slot.steps() != slot.steps()) { // a float counts to 2^24
          metadata.put(STEPS + slot.parameter().name(), Long.toString(slot.steps()));
        }
      }
      metadata.put(GROUP + i + "." + FROZEN, frozen.toString());
    }
    return metadata;
  }

  /// Returns the positions of the frozen parameters of each group, or null for a group of which the
  /// metadata says nothing.
  static List<Set<Integer>> frozen(Map<String, String> metadata, List<ParameterGroup> groups) {
    List<Set<Integer>> all = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      String key = GROUP + i + "." + FROZEN;
      String text = metadata.get(key);
      if (text == null) {
        all.add(null);
        continue;
      }
      if (!LIST.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "the metadata entry " + key + " is '" + text + "', not a list of parameters");
      }
      Set<Integer> frozen = new HashSet<>();
      NUMBER.matcher(text).results().forEach(found -> frozen.add(Integer.valueOf(found.group())));
      int count = groups.get(i).slots().size();
      if (frozen.stream().anyMatch(position -> position >= count)) {
        throw new IllegalArgumentException(
            "the metadata entry %s is '%s', but the group has %d parameters"
                .formatted(key, text, count));
      }
      all.add(frozen);
    }
    return all;
  }

  private static String text(Setting setting) {
    return switch (setting.kind()) {
      case FLAG, FIXED_FLAG -> setting.value() == 1 ? "True" : "False";
      default -> Double.toString(setting.value());
    };
  }

  /// Returns the settings that each group is to have, or refuses metadata of another optimizer.
  static List<UpdateSettings> settings(
      Map<String, String> metadata, String rule, List<ParameterGroup> groups) {
    String found = metadata.getOrDefault(RULE, rule);
    if (!found.equals(rule)) {
      throw new IllegalArgumentException(
          "the state is that of " + found + ", but the optimizer is " + rule);
    }
    List<UpdateSettings> loaded = new ArrayList<>();
    groups.forEach(group -> loaded.add(group.live().copy()));
    metadata.forEach(
        (key, value) -> {
          if (key.startsWith(GROUP)) {
            load(key, value, loaded);
          }
        });
    return loaded;
  }

  private static void load(String key, String value, List<UpdateSettings> groups) {
    String[] parts = key.split("\\.", 3);
    int group;
    try {
      group = Integer.parseInt(parts[1]);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("the metadata entry " + key + " names no group", e);
    }
    if (parts.length < 3 || group < 0 || group >= groups.size()) {
      throw new IllegalArgumentException(
          "the metadata entry " + key + " does not fit: there are " + groups.size() + " groups");
    }
    String name = parts[2];
    UpdateSettings settings = groups.get(group);
    if (NOT_OURS.contains(name) || name.equals(FROZEN) || value.equals("None")) {
      return;
    }
    try {
      if (name.equals("adjust_lr_fn")) {
        settings.set("matchRms", value.equals("match_rms_adamw") ? 1 : 0);
      } else if (value.startsWith("(") || value.startsWith("[")) {
        loadParts(name, value.substring(1, value.length() - 1).split(",", -1), settings);
      } else {
        settings.set(camel(name), number(value));
      }
    } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          "the metadata entry " + key + " is '" + value + "': " + e.getMessage(), e);
    }
  }

  private static void loadParts(String name, String[] values, UpdateSettings settings) {
    List<String> names = PARTS.get(name);
    if (names == null || values.length > names.size()) {
      throw new IllegalArgumentException("no setting has these values");
    }
    for (int i = 0; i < values.length; i++) {
      String value = values[i].strip();
      if (!value.isEmpty() && !value.equals("None")) {
        settings.set(names.get(i), number(value));
      }
    }
  }

  private static double number(String text) {
    return switch (text) {
      case "True" -> 1;
      case "False" -> 0;
      default -> {
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException("this is not a number", e);
        }
      }
    };
  }

  /// The number of an entry, or another one if there is no such entry.
  static double number(Map<String, String> metadata, String key, double otherwise) {
    String text = metadata.get(key);
    if (text == null) {
      return otherwise;
    }
    try {
      return number(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the metadata entry " + key + " is '" + text + "', not a number", e);
    }
  }

  /// The count of an entry, or another one if there is no such entry.
  static long count(Map<String, String> metadata, String key, long otherwise) {
    String text = metadata.get(key);
    if (text == null) {
      return otherwise;
    }
    try {
      long count = Long.parseLong(text);
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the metadata entry " + key + " is '" + text + "', not a count", e);
    }
    throw new IllegalArgumentException(
        "the metadata entry " + key + " is '" + text + "', not a count");
  }

  /// The number of steps of a parameter, where a float cannot hold it; else the one given.
  static long steps(Map<String, String> metadata, String parameter, long steps) {
    String exact = metadata.get(STEPS + parameter);
    if (exact == null) {
      return steps;
    }
    try {
      long parsed = Long.parseLong(exact);
      if ((float) parsed == (float) steps) {
        return parsed;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the metadata entry " + STEPS + parameter + " is '" + exact + "', not a number", e);
    }
    throw new IllegalArgumentException(
        "the metadata says %s steps of %s, the dictionary %d".formatted(exact, parameter, steps));
  }

  private static String snake(String camel) {
    return Pattern.compile("[A-Z]")
        .matcher(camel)
        .replaceAll(match -> "_" + match.group().toLowerCase(Locale.ROOT));
  }

  private static String camel(String snake) {
    return Pattern.compile("_([a-z])")
        .matcher(snake)
        .replaceAll(match -> match.group(1).toUpperCase(Locale.ROOT));
  }
}
