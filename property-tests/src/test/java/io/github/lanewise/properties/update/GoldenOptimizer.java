package io.github.lanewise.properties.update;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
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
/// @param folder of the files
/// @param index of the run, which begins the names of its tensors
/// @param name PyTorch's class name
/// @param matrix whether it ran on the parameters that have rows and columns
/// @param params all its arguments, by PyTorch's names
record GoldenOptimizer(
    String folder, long index, String name, boolean matrix, Map<String, Object> params) {
  private static final Map<String, GoldenFile> FILES =
      GoldenFile.readInFolders("optimizers.safetensors");

  private static final Map<String, List<String>> PARTS =
      Map.of(
          "betas", List.of("beta1", "beta2"),
          "etas", List.of("etaMinus", "etaPlus"),
          "step_sizes", List.of("leastStep", "mostStep"),
          "eps", List.of("eps1", "eps2"),
          "ns_coefficients", List.of("nsA", "nsB", "nsC"));

  private static final String MATCHED = "match_rms_adamw";

  static List<GoldenOptimizer> all() {
    List<GoldenOptimizer> all = new ArrayList<>();
    for (String folder : GoldenFile.FOLDERS) {
      Map<String, Object> manifest = GoldenFile.manifest(folder + "manifest.json");
      for (Object entry : (List<?>) manifest.get("optimizers")) {
        Map<String, Object> run = GoldenFile.object(entry);
        all.add(of(folder, run));
      }
    }
    return all;
  }

  private static GoldenOptimizer of(String folder, Map<String, Object> run) {
    return new GoldenOptimizer(
        folder,
        (Long) run.get("index"),
        (String) run.get("optimizer"),
        (Boolean) run.get("matrix"),
        GoldenFile.object(run.get("params")));
  }

  /// The file with what the run took in and put out.
  GoldenFile file() {
    return FILES.get(folder);
  }

  /// Begins the names of the tensors that the run put out.
  String prefix() {
    return index + "." + name;
  }

  /// Begins the names of the tensors that the run took in.
  String inputs() {
    return matrix ? "matrix." : "";
  }

  /// An optimizer with the settings of the run.
  Optimizer optimizer(Arena arena, Parameter parameter) {
    Optimizer optimizer = Optimizer.of(arena, List.of(parameter), rule());
    ParameterGroup group = optimizer.groups().getFirst();
    settings()
        .forEach(
            (setting, value) -> {
              if (group.has(setting)) { // some work for every rule, and are not in its record
                group.set(setting, value);
              }
            });
    return optimizer;
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
            case String text -> {
              if (!key.equals("adjust_lr_fn") || !List.of("original", MATCHED).contains(text)) {
                throw new IllegalStateException(key + " is " + text);
              }
              settings.put("matchRms", text.equals(MATCHED) ? 1.0 : 0.0);
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

  /// What Muon multiplies its learning rate by.
  double ratio() {
    int[] sizes = file().shape(inputs() + "p0");
    return MATCHED.equals(params.get("adjust_lr_fn"))
        ? 0.2 * Math.sqrt(Math.max(sizes[0], sizes[1]))
        : Math.sqrt(Math.max(1, (double) sizes[0] / sizes[1]));
  }

  double number(String key) {
    return ((Number) params.get(key)).doubleValue();
  }

  @Override
  public String toString() {
    return folder + prefix() + params;
  }
}
