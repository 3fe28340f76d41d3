package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Layer;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/// The networks that options describe: linear layers with an activation between them.
final class Networks {
  /// Functions that [Activation] has for other uses. They are not made to stand between layers:
  /// the logarithms, for instance, are NaN for half of what a layer puts out.
  private static final Set<Activation> ELEMENTARY =
      Set.of(Activation.EXP, Activation.EXPM1, Activation.LOG, Activation.LOG1P, Activation.ERF);

  /// No machine has memory for more: 4 TB, and as much again for each of the gradients and states.
  private static final double MOST_PARAMETERS = 0x1p40;

  private Networks() {}

  /// The names of the activations, for `--help`.
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return activations().stream().map(Activation::toString).iterator();
    }
  }

  /// The activations that may stand between layers: those that PyTorch has as layers too.
  static List<Activation> activations() {
    return Activation.defaults().stream().filter(each -> !ELEMENTARY.contains(each)).toList();
  }

  /// Returns the one of [#activations] with PyTorch's name.
  ///
  /// @throws IllegalArgumentException if there is none
  static Activation activation(String name) {
    for (Activation activation : activations()) {
      if (activation.toString().equals(name)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "--activation is '%s', must be one of %s".formatted(name, activations()));
  }

  /// Returns linear layers with the activation between them.
  ///
  /// @param widths the number of inputs, then that of the outputs of each layer
  /// @throws IllegalArgumentException if they make more parameters than any memory holds
  static Sequential of(List<Integer> widths, Activation activation) {
    return of(widths, activation, 0, 0);
  }

  /// Returns linear layers with the activation between them, and dropout after each activation.
  ///
  /// @param dropout the probability that an element is dropped; 0 for no such layers
  /// @param seed of the dropped elements, which each layer makes its own
  /// @throws IllegalArgumentException if there are more parameters than any memory holds
  static Sequential of(List<Integer> widths, Activation activation, double dropout, long seed) {
    List<Layer> layers = new ArrayList<>();
    double parameters = 0;
    for (int i = 1; i < widths.size(); i++) {
      parameters += (widths.get(i - 1) + 1.0) * widths.get(i);
      if (parameters > MOST_PARAMETERS) {
        throw new IllegalArgumentException(
            "a network of the widths %s has more than 2^40 parameters".formatted(widths));
      }
      if (i > 1) {
        layers.add(activation);
      }
      if (i > 1 && dropout > 0) {
        layers.add(new Dropout(dropout, seed + i));
      }
      layers.add(Linear.of(widths.get(i - 1), widths.get(i)));
    }
    return Sequential.of(layers.toArray(Layer[]::new));
  }
}
