package io.github.lanewise.properties.update;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.properties.support.GoldenFile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// An optimizer that PyTorch ran, as `manifest.json` describes it.
///
/// @param index of the run, which begins the names of its tensors
/// @param name PyTorch's class name
/// @param matrix whether it ran on the parameters that have rows and columns
/// @param params all its arguments, by PyTorch's names
record GoldenOptimizer(long index, String name, boolean matrix, Map<String, Object> params) {
  private static final Map<String, List<String>> PARTS =
      Map.of(
          "betas", List.of("beta1", "beta2"),
          "etas", List.of("etaMinus", "etaPlus"),
          "step_sizes", List.of("leastStep", "mostStep"),
          "eps", List.of("eps1", "eps2"),
          "ns_coefficients", List.of("nsA", "nsB", "nsC"));

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

  /// The rule with the settings of the run.
  UpdateRule rule() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray value = FloatArray.allocate(arena, 1);
      Parameter any = new Parameter("any", Shape.of(1, 1), value, FloatArray.allocate(arena, 1));
      UpdateRule rule =
          Optimizer.named(name.toLowerCase(Locale.ROOT), arena, List.of(any), 0)
              .groups()
              .getFirst()
              .rule();
      return Records.with(rule, settings());
    }
  }

  /// PyTorch's settings by our names.
  private Map<String, Double> settings() {
    Map<String, Double> settings = new HashMap<>();
    params.forEach(
        (key, value) -> {
          switch (value) {
            case Boolean flag -> settings.put(camel(key), flag ? 1.0 : 0.0);
            case Number number -> settings.put(camel(key), number.doubleValue());
            case List<?> list -> {
              List<String> names = PARTS.get(key);
              for (int i = 0; i < list.size(); i++) {
                Number part = (Number) list.get(i);
                // Adafactor's eps of None is the spacing of floats at 1.
                settings.put(names.get(i), part == null ? 0x1p-23 : part.doubleValue());
              }
            }
            case null -> {}
            default -> throw new IllegalStateException(key + " is " + value);
          }
        });
    return settings;
  }

  private static String camel(String key) {
    return Pattern.compile("_(.)")
        .matcher(key)
        .replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT));
  }

  double number(String key) {
    return ((Number) params.get(key)).doubleValue();
  }

  @Override
  public String toString() {
    return prefix() + params;
  }
}
