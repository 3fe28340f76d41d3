package io.github.lanewise.properties.update;

import io.github.lanewise.properties.support.GoldenFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An optimizer that PyTorch ran, as `manifest.json` describes it.
///
/// @param index of the run, which begins the names of its tensors
/// @param name PyTorch's class name
/// @param matrix whether it ran on the parameters that have rows and columns
/// @param params all its arguments, by PyTorch's names
record GoldenOptimizer(long index, String name, boolean matrix, Map<String, Object> params) {
  static List<GoldenOptimizer> all() {
    List<GoldenOptimizer> all = new ArrayList<>();
    for (Object entry : (List<?>) GoldenFile.manifest().get("optimizers")) {
      Map<String, Object> run = GoldenFile.object(entry);
      all.add(
          new GoldenOptimizer(
              (Long) run.get("index"),
              (String) run.get("optimizer"),
              (Boolean) run.get("matrix"),
              GoldenFile.object(run.get("params"))));
    }
    return all;
  }

  /// Begins the names of the tensors that the run put out.
  String prefix() {
    return index + "." + name;
  }

  /// Begins the names of the tensors that the run took in.
  String inputs() {
    return matrix ? "matrix." : "";
  }

  double number(String key) {
    return ((Number) params.get(key)).doubleValue();
  }

  double beta(int i) {
    return ((Number) ((List<?>) params.get("betas")).get(i)).doubleValue();
  }

  boolean flag(String key) {
    return (Boolean) params.get(key);
  }

  @Override
  public String toString() {
    return prefix() + params;
  }
}
