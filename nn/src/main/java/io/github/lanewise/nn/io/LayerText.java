package io.github.lanewise.nn.io;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.PRelu;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Layers as text, such as `Linear(64, 128)` or `leaky_relu(0.2)`: what their `toString` returns.
final class LayerText {
  private static final Set<Class<?>> KNOWN =
      Set.of(
          Linear.class,
          LayerNorm.class,
          PRelu.class,
          Dropout.class,
          Softmax.class,
          LogSoftmax.class,
          Glu.class,
          Activation.class);

  private LayerText() {}

  /// Returns the text that [#parse] reads.
  ///
  /// @throws IllegalArgumentException if the layer is none of Lanewise's own
  static String of(Layer layer) {
    if (!KNOWN.contains(layer.getClass())) {
      throw new IllegalArgumentException(
          "a model file cannot hold the layer " + layer + ", which is not one of Lanewise's own");
    }
    return layer.toString();
  }

  /// Returns the layer of a text.
  ///
  /// @throws IllegalArgumentException if there is none, or a setting is wrong
  static Layer parse(String text) {
    int open = text.indexOf('(');
    boolean closed = open < 0 || text.endsWith(")");
    String name = open < 0 ? text : text.substring(0, open);
    double[] settings = new double[0];
    if (open >= 0 && closed) {
      settings =
          Arrays.stream(text.substring(open + 1, text.length() - 1).split(",", -1))
              .mapToDouble(setting -> number(text, setting))
              .toArray();
    }
    Layer layer = closed ? layer(name, settings) : null;
    if (layer == null) {
      throw new IllegalArgumentException("unknown layer " + FileException.shown(text));
    }
    return layer;
  }

  private static double number(String text, String setting) {
    try {
      return Double.parseDouble(setting);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "layer "
              + FileException.shown(text)
              + " has the setting "
              + FileException.shown(setting.strip())
              + ", not a number",
          e);
    }
  }

  /// Returns the layer, or null if none has this name and number of settings.
  private static Layer layer(String name, double... settings) {
    return switch (name + "/" + settings.length) {
      case "Linear/2" -> Linear.of(count(settings[0]), count(settings[1]));
      case "LayerNorm/1" -> LayerNorm.of(count(settings[0]));
      case "LayerNorm/2" -> new LayerNorm(count(settings[0]), settings[1]);
      case "PRelu/1" -> PRelu.of(count(settings[0]));
      case "Dropout/1" -> new Dropout(settings[0], 0);
      case "softmax/0" -> Softmax.LAYER;
      case "log_softmax/0" -> LogSoftmax.LAYER;
      case "glu/0" -> Glu.LAYER;
      case "leaky_relu/1" -> Activation.leakyRelu(settings[0]);
      case "elu/1" -> Activation.elu(settings[0]);
      case "celu/1" -> Activation.celu(settings[0]);
      case "softplus/2" -> Activation.softplus(settings[0], settings[1]);
      case "hardtanh/2" -> Activation.hardtanh(settings[0], settings[1]);
      case "hardshrink/1" -> Activation.hardshrink(settings[0]);
      case "softshrink/1" -> Activation.softshrink(settings[0]);
      case "threshold/2" -> Activation.threshold(settings[0], settings[1]);
      default -> settings.length == 0 ? activation(name) : null;
    };
  }

  private static Activation activation(String name) {
    List<Activation> defaults = Activation.defaults();
    return defaults.stream()
        .filter(activation -> activation.toString().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static int count(double setting) {
    if (setting != Math.rint(setting) || setting < 1 || setting > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(setting + " is not a number of features");
    }
    return (int) setting;
  }
}
