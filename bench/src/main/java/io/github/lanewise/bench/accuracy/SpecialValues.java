package io.github.lanewise.bench.accuracy;

import java.util.ArrayList;
import java.util.List;

/// What an activation does at NaN, the infinities, the zeros and its kinks.
///
/// It is PyTorch's answer where its vector path and float64 agree, and the limit where PyTorch
/// loses it: GELU, SiLU, Mish and Hardswish at -inf, the slopes of the first three at infinity.
///
/// @param forward the values of the function
/// @param slope the gradients of x for a gradient of 1
public record SpecialValues(List<Pair> forward, List<Pair> slope) {
  private static final List<String> INPUTS = List.of("NaN", "Inf", "-Inf", "0", "-0");

  /// An input and what belongs to it.
  public record Pair(float x, float value) {}

  /// Reads numbers that are separated by blanks; `Inf` and `Max` stand for the infinite and the
  /// largest float.
  ///
  /// @param forward the values at NaN, inf, -inf, 0 and -0
  /// @param slope the slopes at NaN, inf and -inf
  /// @param more slopes at other inputs, each as `input=slope`
  public static SpecialValues parse(String forward, String slope, String more) {
    List<Pair> slopes = pairs(slope);
    for (String pair : more.split(" ", -1)) {
      int equals = pair.indexOf('=');
      slopes.add(new Pair(number(pair.substring(0, equals)), number(pair.substring(equals + 1))));
    }
    return new SpecialValues(List.copyOf(pairs(forward)), List.copyOf(slopes));
  }

  private static List<Pair> pairs(String values) {
    List<Pair> pairs = new ArrayList<>();
    for (String value : values.split(" ", -1)) {
      pairs.add(new Pair(number(INPUTS.get(pairs.size())), number(value)));
    }
    return pairs;
  }

  private static float number(String text) {
    String sign = text.startsWith("-") ? "-" : "";
    return switch (text.substring(sign.length())) {
      case "Inf" -> Float.parseFloat(sign + "Infinity");
      case "Max" -> Float.parseFloat(sign + Float.MAX_VALUE);
      default -> Float.parseFloat(text);
    };
  }
}
