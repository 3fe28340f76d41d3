package io.github.lanewise.nn.io;

import io.github.lanewise.core.Layer;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import io.github.lanewise.nn.WeightPrecision;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A network with its parameters, and what else a program needs to answer with it: the scaling of
/// the features, the meaning of the outputs and their names.
///
/// Two lines load a model and answer:
///
/// ```java
/// ServedModel model = ModelFile.read(arena, file).serve(arena);
/// model.session(arena, 32).forward(features, outputs);
/// ```
///
/// The file is a [safetensors][SafeTensors] file of the parameters, which PyTorch reads too. The
/// rest is in its metadata, under keys that begin with `lanewise.`, and the checksum covers it. A
/// file of another version, with a layer or a setting that is not known, is refused. Files that
/// early snapshots of Lanewise wrote, with the keys `activation` and `scaling`, are read as well.
///
/// @param network the layers
/// @param parameters under their names, such as `0.weight`
/// @param task what the outputs mean
/// @param outputNames the name of each class, label or number; empty if they have none
/// @param featureNames the name of each feature; empty if they have none
/// @param scaling is applied to features before the first layer; [FeatureScaling#none] for none
/// @param writer the program that made the model and its version; may be empty
public record ModelFile(
    Sequential network,
    StateDict parameters,
    Task task,
    List<String> outputNames,
    List<String> featureNames,
    FeatureScaling scaling,
    String writer) {

  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if there are too few or too many names, the scaling is one
  ///     of other columns, or the parameters are not those of the network
  public ModelFile {
    outputNames = List.copyOf(outputNames);
    featureNames = List.copyOf(featureNames);
    Objects.requireNonNull(task, "task is null");
    Objects.requireNonNull(writer, "writer is null");
    requireNames("outputs", outputNames, network.outputs());
    requireNames("features", featureNames, network.inputs());
    if (scaling.columns() != network.inputs()) {
      throw new IllegalArgumentException(
          "the scaling has %d columns, the network takes %d features"
              .formatted(scaling.columns(), network.inputs()));
    }
    StateDictNames.require(network, parameters);
  }

  private static void requireNames(String what, List<String> names, int count) {
    if (!names.isEmpty() && names.size() != count) {
      throw new IllegalArgumentException(
          "there are %d names for the %d %s of the network".formatted(names.size(), count, what));
    }
  }

  /// {@return a classifier without names or scaling}
  ///
  /// @param network the layers
  /// @param parameters under their names, such as `0.weight`
  /// @throws IllegalArgumentException if the parameters are not those of the network
  public static ModelFile of(Sequential network, StateDict parameters) {
    return new ModelFile(
        network,
        parameters,
        Task.CLASSIFICATION,
        List.of(),
        List.of(),
        FeatureScaling.none(network.inputs()),
        "");
  }

  /// {@return a classifier without names or scaling, whose parameters are those of the model: the
  /// arrays themselves, no copy}
  ///
  /// @param model what has been trained
  public static ModelFile of(Model model) {
    return of(model.network(), model.stateDict());
  }

  /// {@return the same with another meaning of the outputs}
  ///
  /// @param task what the outputs mean
  /// @param outputNames the name of each class, label or number, or none
  /// @throws IllegalArgumentException if there are too few or too many names
  public ModelFile withTask(Task task, List<String> outputNames) {
    return new ModelFile(network, parameters, task, outputNames, featureNames, scaling, writer);
  }

  /// {@return the same with other features}
  ///
  /// @param featureNames the name of each feature, or none
  /// @param scaling is applied to features before the first layer
  /// @throws IllegalArgumentException if there are too few or too many names or columns
  public ModelFile withFeatures(List<String> featureNames, FeatureScaling scaling) {
    return new ModelFile(network, parameters, task, outputNames, featureNames, scaling, writer);
  }

  /// {@return the same under the name of its maker}
  ///
  /// @param writer the program that made the model, and its version
  public ModelFile withWriter(String writer) {
    return new ModelFile(network, parameters, task, outputNames, featureNames, scaling, writer);
  }

  /// Writes the file, which is created or replaced.
  ///
  /// @param file the file to write
  /// @throws IllegalArgumentException if a layer is not one of Lanewise's own
  /// @throws FileException if writing fails; a file that stood there is as it was
  public void write(Path file) throws FileException {
    SafeTensors.write(file, parameters, ModelMetadata.of(this));
  }

  /// Reads a model file.
  ///
  /// @param arena owns the parameters
  /// @param file what [#write] or `train` wrote
  /// @return the model
  /// @throws FileException if the file is missing, damaged, or no model file, or has a version,
  ///     layer or setting that is not known
  public static ModelFile read(Arena arena, Path file) throws FileException {
    SafeTensors.Contents contents = SafeTensors.readContents(arena, file);
    try {
      return ModelMetadata.read(contents);
    } catch (IllegalArgumentException e) {
      throw new FileException(file, e.getMessage(), e);
    }
  }

  /// Reads the parameters of a given network from a safetensors file, such as one that holds a
  /// `state_dict` of PyTorch.
  ///
  /// If the names in the file are others than those of the network, such as `fc1.weight`, the
  /// parameters are taken in the order of the names, in which numbers count as numbers, and their
  /// shapes must fit.
  ///
  /// @param arena owns the parameters
  /// @param file the file of the parameters
  /// @param network the layers
  /// @return a classifier without names or scaling
  /// @throws FileException if the file is missing or damaged, or its parameters do not fit
  public static ModelFile read(Arena arena, Path file, Sequential network) throws FileException {
    StateDict found = SafeTensors.read(arena, file);
    try {
      return of(network, StateDictNames.matched(network, found));
    } catch (IllegalArgumentException e) {
      throw new FileException(file, e.getMessage(), e);
    }
  }

  /// {@return the model that answers: it takes features as they are, and scales them itself}
  ///
  /// @param arena owns the copy of the parameters; a shared arena if several threads use the model
  public ServedModel serve(Arena arena) {
    return serve(arena, WeightPrecision.FLOAT32);
  }

  /// {@return the model that answers: it takes features as they are, and scales them itself}
  ///
  /// @param arena owns the copy of the parameters; a shared arena if several threads use the model
  /// @param precision of the copied weights
  public ServedModel serve(Arena arena, WeightPrecision precision) {
    ModelFile whole = withScalingAsLayer();
    return whole.network.serve(arena, whole.parameters, precision);
  }

  /// {@return the same model, which scales features by a layer before its first one} It can be
  /// served and written as ONNX, but not as a model file.
  public ModelFile withScalingAsLayer() {
    if (scaling.isNone()) {
      return this;
    }
    List<Layer> layers = new ArrayList<>(network.layers());
    layers.addFirst(scaling);
    StateDict moved = new StateDict();
    for (String name : parameters.names()) {
      int dot = name.indexOf('.');
      StateDict.Entry entry = parameters.get(name);
      String later = Integer.parseInt(name.substring(0, dot)) + 1 + name.substring(dot);
      moved.put(later, entry.shape(), entry.values());
    }
    return new ModelFile(
        Sequential.of(layers.toArray(Layer[]::new)),
        moved,
        task,
        outputNames,
        featureNames,
        FeatureScaling.none(scaling.columns()),
        writer);
  }

  /// {@return the name of an output: of its class, label or number, or its index if it has none}
  ///
  /// @param output counts from 0
  /// @throws IndexOutOfBoundsException unless `0 <= output < network().outputs()`
  public String outputName(int output) {
    Objects.checkIndex(output, network.outputs());
    return outputNames.isEmpty() ? Integer.toString(output) : outputNames.get(output);
  }
}
