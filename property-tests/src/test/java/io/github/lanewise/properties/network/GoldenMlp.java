package io.github.lanewise.properties.network;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Layer;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.properties.support.GoldenFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The network of the golden files as `manifest.json` describes it.
///
/// @param widths of the features, inputs first
/// @param activations between the linear layers, by PyTorch's names
/// @param loss as PyTorch names it, with its reduction
record GoldenMlp(List<Integer> widths, List<String> activations, String loss) {
  static GoldenMlp read() {
    Map<String, Object> mlp = GoldenFile.object(GoldenFile.manifest().get("mlp"));
    List<Integer> widths = new ArrayList<>();
    for (Object width : (List<?>) mlp.get("dims")) {
      widths.add(Math.toIntExact((Long) width));
    }
    List<String> activations = new ArrayList<>();
    for (Object activation : (List<?>) mlp.get("activations")) {
      activations.add((String) activation);
    }
    return new GoldenMlp(widths, activations, (String) mlp.get("loss"));
  }

  /// The linear layers with the activations between them.
  Sequential network() {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i + 1 < widths.size(); i++) {
      layers.add(Linear.of(widths.get(i), widths.get(i + 1)));
      if (i < activations.size()) {
        layers.add(Activation.named(activations.get(i)));
      }
    }
    return Sequential.of(layers.toArray(Layer[]::new));
  }
}
