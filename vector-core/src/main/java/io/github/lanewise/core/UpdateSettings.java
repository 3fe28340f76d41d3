package io.github.lanewise.core;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The values of a group's settings, which may change between steps. Not thread-safe.
public final class UpdateSettings {
  private final UpdateRule rule;
  private final Setting[] settings;
  private final double[] values;
  private final WholePower[] powers;

  /// Creates the settings of a rule.
  ///
  /// @param rule checks values that belong together
  /// @param settings with their first values
  /// @throws IllegalArgumentException if two have one name, or the rule refuses their values
  public UpdateSettings(UpdateRule rule, List<Setting> settings) {
    this.rule = Objects.requireNonNull(rule, "rule is null");
    this.settings = settings.toArray(Setting[]::new);
    values = new double[this.settings.length];
    powers = powers(values.length);
    for (int i = 0; i < values.length; i++) {
      if (indexOf(this.settings[i].name()) != i) {
        throw new IllegalArgumentException("two settings are named " + this.settings[i].name());
      }
      values[i] = this.settings[i].value();
    }
    rule.check(this);
  }

  private UpdateSettings(UpdateSettings other) {
    rule = other.rule;
    settings = other.settings;
    values = other.values.clone();
    powers = powers(values.length);
  }

  private static WholePower[] powers(int count) {
    WholePower[] powers = new WholePower[count];
    Arrays.setAll(powers, i -> new WholePower());
    return powers;
  }

  /// {@return the settings with their present values}
  public List<Setting> all() {
    Setting[] all = new Setting[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = new Setting(settings[i].name(), values[i], settings[i].kind());
    }
    return List.of(all);
  }

  /// {@return whether there is a setting of this name}
  ///
  /// @param name in Java's spelling
  public boolean has(String name) {
    return indexOf(name) >= 0;
  }

  /// {@return the value of a setting; 0 or 1 for a flag}
  ///
  /// @param name in Java's spelling
  /// @throws IllegalArgumentException if there is none of this name
  public double get(String name) {
    return values[require(name)];
  }

  /// {@return the value of a setting to the power of n, such as beta1^t, rounded once}
  ///
  /// The bits are the same on every machine, and nothing is allocated.
  ///
  /// @param name in Java's spelling
  /// @param n at least 0, such as the number of the step
  /// @throws IllegalArgumentException if there is no setting of this name
  public double power(String name, long n) {
    int index = require(name);
    return powers[index].of(values[index], n);
  }

  /// {@return whether a flag is set}
  ///
  /// @param name in Java's spelling
  /// @throws IllegalArgumentException if there is none of this name
  public boolean is(String name) {
    return get(name) != 0;
  }

  /// Changes a setting from the next step on. If this throws, it is as it was.
  ///
  /// @param name in Java's spelling
  /// @param value its new value
  /// @throws IllegalArgumentException if there is no such setting, or it may not have this value
  public void set(String name, double value) {
    int index = require(name);
    settings[index].require(value);
    double before = values[index];
    values[index] = value;
    try {
      rule.check(this);
    } catch (IllegalArgumentException refusal) {
      values[index] = before;
      throw refusal;
    }
  }

  /// {@return settings with the same values, which change on their own}
  public UpdateSettings copy() {
    return new UpdateSettings(this);
  }

  /// Takes over all values of settings of the same rule.
  ///
  /// @param other a [#copy], perhaps changed
  /// @throws IllegalArgumentException if they are not the settings of the same group
  public void copyFrom(UpdateSettings other) {
    if (!Arrays.equals(other.settings, settings)) {
      throw new IllegalArgumentException("the settings are those of another group");
    }
    System.arraycopy(other.values, 0, values, 0, values.length);
  }

  private int require(String name) {
    int index = indexOf(name);
    if (index < 0) {
      StringBuilder names = new StringBuilder();
      for (Setting setting : settings) {
        names.append(names.isEmpty() ? "" : ", ").append(setting.name());
      }
      throw new IllegalArgumentException(
          rule.name() + " has no setting " + name + ", only " + names);
    }
    return index;
  }

  private int indexOf(String name) {
    for (int i = 0; i < settings.length; i++) {
      if (settings[i].name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
