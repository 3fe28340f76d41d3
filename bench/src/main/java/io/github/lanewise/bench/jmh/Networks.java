package io.github.lanewise.bench.jmh;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Layer;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/// The networks of benchmarks.
final class Networks {
  private Networks() {}

  /// Returns linear layers of these widths, such as `64-128-10`, with ReLU between them.
  static Sequential ofWidths(String widths) {
    String[] parts = widths.split("-", -1);
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i + 1 < parts.length; i++) {
      layers.add(Linear.of(Integer.parseInt(parts[i]), Integer.parseInt(parts[i + 1])));
      if (i + 2 < parts.length) {
        layers.add(Activation.RELU);
      }
    }
    return Sequential.of(layers.toArray(Layer[]::new));
  }
}
