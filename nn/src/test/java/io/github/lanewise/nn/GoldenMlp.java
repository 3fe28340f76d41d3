package io.github.lanewise.nn;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Layer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The network of the golden files as `manifest.json` describes it.
///
/// @param widths of the features, inputs first
/// @param activations between the linear layers, by PyTorch's names
/// @param loss as PyTorch names it, with its reduction
public record GoldenMlp(List<Integer> widths, List<String> activations, String loss) {
  public static GoldenMlp read() throws IOException {
    List<Integer> widths = new ArrayList<>();
    List<String> activations = new ArrayList<>();
    String loss = null;
    try (JsonParser json = new JsonFactory().createParser(resource("manifest.json").toFile())) {
      json.nextToken();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        json.nextToken();
        if (!key.equals("mlp")) {
          json.skipChildren();
          continue;
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String entry = json.currentName();
          json.nextToken();
          switch (entry) {
            case "dims" -> {
              while (json.nextToken() != JsonToken.END_ARRAY) {
                widths.add(json.getIntValue());
              }
            }
            case "activations" -> {
              while (json.nextToken() != JsonToken.END_ARRAY) {
                activations.add(json.getText());
              }
            }
            case "loss" -> loss = json.getText();
            default -> throw new IOException("the manifest's mlp has an unknown entry " + entry);
          }
        }
      }
    }
    return new GoldenMlp(List.copyOf(widths), List.copyOf(activations), loss);
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

  static Path resource(String name) {
    try {
      return Path.of(GoldenMlp.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
