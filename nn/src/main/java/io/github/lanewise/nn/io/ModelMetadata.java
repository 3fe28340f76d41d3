package io.github.lanewise.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// The metadata of a [ModelFile]. Lists are JSON arrays of strings.
final class ModelMetadata {
  private static final String PREFIX = "lanewise.";
  private static final String VERSION = PREFIX + "version";
  private static final String LAYERS = PREFIX + "layers";
  private static final String TASK = PREFIX + "task";
  private static final String OUTPUTS = PREFIX + "outputs";
  private static final String FEATURES = PREFIX + "features";
  private static final String SCALING = PREFIX + "scaling";
  private static final String WRITER = PREFIX + "writer";
  private static final Set<String> KEYS =
      Set.of(VERSION, LAYERS, TASK, OUTPUTS, FEATURES, SCALING, WRITER);

  /// The version of what stands under the keys.
  private static final String CURRENT = "1";

  /// The keys of early snapshots, which had no version.
  private static final String EARLY_ACTIVATION = "activation";

  private static final String EARLY_SCALING = "scaling";

  private static final JsonFactory JSON = new JsonFactory();

  private ModelMetadata() {}

  /// Returns the metadata of a model.
  ///
  /// @throws IllegalArgumentException if a layer is not one of Lanewise's own
  static Map<String, String> of(ModelFile model) {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(VERSION, CURRENT);
    metadata.put(LAYERS, array(model.network().layers().stream().map(LayerText::of).toList()));
    metadata.put(TASK, model.task().toString());
    if (!model.outputNames().isEmpty()) {
      metadata.put(OUTPUTS, array(model.outputNames()));
    }
    if (!model.featureNames().isEmpty()) {
      metadata.put(FEATURES, array(model.featureNames()));
    }
    if (!model.scaling().isNone()) {
      metadata.put(SCALING, model.scaling().toString());
    }
    if (!model.writer().isEmpty()) {
      metadata.put(WRITER, model.writer());
    }
    return metadata;
  }

  /// Returns the model of a file.
  ///
  /// @throws IllegalArgumentException if it holds none, or one that Lanewise does not know
  static ModelFile read(SafeTensors.Contents contents) {
    Map<String, String> metadata = contents.metadata();
    if (!metadata.containsKey(VERSION) && metadata.containsKey(EARLY_ACTIVATION)) {
      return early(contents);
    }
    String version = metadata.get(VERSION);
    if (version == null) {
      throw new IllegalArgumentException(
          "holds parameters without a description of their layers, which has to be given: it is no"
              + " model file");
    }
    if (!version.equals(CURRENT)) {
      throw new IllegalArgumentException(
          "is a model file of version %s; this Lanewise reads version %s"
              .formatted(FileException.shown(version), CURRENT));
    }
    Set<String> unknown = new TreeSet<>(metadata.keySet());
    unknown.removeIf(key -> !key.startsWith(PREFIX) || KEYS.contains(key));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "has the setting %s, which this Lanewise does not know"
              .formatted(FileException.shown(unknown.iterator().next())));
    }
    Sequential network =
        Sequential.of(list(metadata, LAYERS).stream().map(LayerText::parse).toArray(Layer[]::new));
    // Before anything takes memory for the inputs that the description claims.
    StateDictNames.require(network, contents.tensors());
    int inputs = network.inputs();
    String scaling = metadata.get(SCALING);
    return new ModelFile(
        network,
        contents.tensors(),
        Task.named(metadata.getOrDefault(TASK, Task.CLASSIFICATION.toString())),
        list(metadata, OUTPUTS),
        list(metadata, FEATURES),
        scaling == null ? FeatureScaling.none(inputs) : FeatureScaling.parse(scaling, inputs),
        metadata.getOrDefault(WRITER, ""));
  }

  /// Returns the model of a file that an early snapshot wrote: linear layers with one activation
  /// between them, whose widths are those of the weights.
  private static ModelFile early(SafeTensors.Contents contents) {
    StateDict tensors = contents.tensors();
    Layer activation = LayerText.parse(contents.metadata().get(EARLY_ACTIVATION));
    if (!(activation instanceof Activation)) {
      throw new IllegalArgumentException(activation + " is no activation");
    }
    List<Layer> layers = new ArrayList<>();
    while (layers.isEmpty() || tensors.names().contains(layers.size() + 1 + ".weight")) {
      if (!layers.isEmpty()) {
        layers.add(activation);
      }
      Shape shape = tensors.get(layers.size() + ".weight").shape();
      if (shape.rank() != 2 || Math.max(shape.size(0), shape.size(1)) > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(layers.size() + ".weight has shape " + shape);
      }
      layers.add(Linear.of((int) shape.size(1), (int) shape.size(0)));
    }
    Sequential network = Sequential.of(layers.toArray(Layer[]::new));
    String scaling = contents.metadata().get(EARLY_SCALING);
    if (scaling == null) {
      throw new IllegalArgumentException("the metadata has no entry " + EARLY_SCALING);
    }
    return ModelFile.of(network, tensors)
        .withFeatures(List.of(), FeatureScaling.parse(scaling, network.inputs()));
  }

  private static String array(List<String> strings) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartArray();
      for (String string : strings) {
        json.writeString(string);
      }
      json.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every character", e);
    }
    return text.toString();
  }

  private static List<String> list(Map<String, String> metadata, String key) {
    String text = metadata.getOrDefault(key, "[]");
    List<String> strings = new ArrayList<>();
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() == JsonToken.START_ARRAY) {
        while (json.nextToken() == JsonToken.VALUE_STRING) {
          strings.add(json.getText());
        }
        if (json.currentToken() == JsonToken.END_ARRAY && json.nextToken() == null) {
          return strings;
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(notStrings(key, text), e);
    }
    throw new IllegalArgumentException(notStrings(key, text));
  }

  private static String notStrings(String key, String text) {
    return "%s is %s, not an array of strings".formatted(key, FileException.shown(text));
  }
}
