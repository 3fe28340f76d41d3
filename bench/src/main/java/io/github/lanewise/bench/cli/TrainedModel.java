package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.SafeTensors;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A multilayer perceptron and the scaling of its inputs: what `train` saves and `predict` loads.
///
/// The file is a safetensors file of the parameters, which PyTorch reads too. The shapes of the
/// weights give the widths of the layers, and the metadata holds the activation and the scaling.
record TrainedModel(Model model, Activation activation, FeatureScaling scaling) {
  /// Functions that [Activation] has for other uses. They are not made to stand between layers: the
  /// logarithms, for instance, are NaN for half of what a layer puts out.
  private static final Set<Activation> ELEMENTARY =
      Set.of(Activation.EXP, Activation.EXPM1, Activation.LOG, Activation.LOG1P, Activation.ERF);

  private static final String ACTIVATION = "activation";
  private static final String SCALING = "scaling";

  /// The activations that may stand between layers: those that PyTorch has as layers too.
  static List<Activation> activations() {
    return Activation.defaults().stream().filter(each -> !ELEMENTARY.contains(each)).toList();
  }

  /// Returns the one of [#activations] with PyTorch's name.
  ///
  /// @param source of the name, for the message
  /// @throws IllegalArgumentException if there is none
  static Activation activation(String source, String name) {
    for (Activation activation : activations()) {
      if (activation.toString().equals(name)) {
        return activation;
      }
    }
    throw new IllegalArgumentException(
        "%s is '%s', must be one of %s".formatted(source, name, activations()));
  }

  /// Returns linear layers with the activation between them.
  ///
  /// @param widths the number of inputs, then that of the outputs of each layer
  static Sequential network(List<Integer> widths, Activation activation) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 1; i < widths.size(); i++) {
      if (i > 1) {
        layers.add(activation);
      }
      layers.add(Linear.of(widths.get(i - 1), widths.get(i)));
    }
    return Sequential.of(layers.toArray(Layer[]::new));
  }

  /// Returns the number of values that training changes.
  long parameters() {
    return model.parameters().stream().map(Parameter::shape).mapToLong(Shape::elements).sum();
  }

  /// Writes the file, or leaves it as it was if that fails.
  void save(Path file) throws FileException {
    SafeTensors.write(
        file,
        model.stateDict(),
        Map.of(ACTIVATION, activation.toString(), SCALING, scaling.toString()));
  }

  /// Reads a file that [#save] wrote; the parameters lie in the arena.
  ///
  /// @throws FileException if the file is damaged, or another program wrote it
  static TrainedModel load(Arena arena, Path file) throws FileException {
    SafeTensors.Contents contents = SafeTensors.readContents(arena, file);
    try {
      List<Integer> widths = widths(contents.tensors());
      Activation activation = activation(ACTIVATION, entry(contents, ACTIVATION));
      FeatureScaling scaling = FeatureScaling.parse(entry(contents, SCALING), widths.getFirst());
      Model model = network(widths, activation).initialize(arena, 0);
      model.stateDict().copyFrom(contents.tensors());
      return new TrainedModel(model, activation, scaling);
    } catch (IllegalArgumentException e) {
      throw new FileException(file, "is not a model that train saved: " + e.getMessage(), e);
    }
  }

  private static List<Integer> widths(StateDict tensors) {
    List<Integer> widths = new ArrayList<>();
    for (int layer = 0; layer == 0 || tensors.names().contains(layer + ".weight"); layer += 2) {
      Shape shape = tensors.get(layer + ".weight").shape();
      if (shape.rank() != 2
          || shape.size(0) > Integer.MAX_VALUE
          || shape.size(1) > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(layer + ".weight has shape " + shape);
      }
      if (layer == 0) {
        widths.add((int) shape.size(1));
      }
      widths.add((int) shape.size(0));
    }
    return widths;
  }

  private static String entry(SafeTensors.Contents contents, String key) {
    String value = contents.metadata().get(key);
    if (value == null) {
      throw new IllegalArgumentException("the metadata has no entry " + key);
    }
    return value;
  }
}
