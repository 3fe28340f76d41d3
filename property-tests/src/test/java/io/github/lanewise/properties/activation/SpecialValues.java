package io.github.lanewise.properties.activation;

import java.util.ArrayList;
import java.util.List;

/// What every activation does at NaN, the infinities, the zeros and its kinks.
///
/// It is PyTorch's answer where its vector path and float64 agree, and the limit where PyTorch
/// loses it: GELU, SiLU, Mish and Hardswish at -inf, the slopes of the first three at infinity.
public record SpecialValues(String name, List<Pair> forward, List<Pair> slope) {
  /// Columns: name | forward at NaN, inf, -inf, 0, -0 | slope at NaN, inf, -inf | slope at x=...
  private static final String TABLE =
      """
      relu        | NaN Inf 0 0 -0                 | 1 1 0       | 0=0 -0=0
      relu6       | NaN 6 0 0 -0                   | 0 0 0       | 0=0 -0=0 6=0
      leaky_relu  | NaN Inf -Inf 0 -0              | .01 1 .01   | 0=.01 -0=.01
      prelu       | NaN Inf -Inf 0 -0              | .25 1 .25   | 0=.25 -0=.25
      rrelu       | NaN Inf -Inf 0 -0              | .22916667 1 .22916667 | 0=.22916667
      elu         | NaN Inf -1 0 -0                | NaN 1 0     | 0=1 -0=1
      celu        | NaN Inf -1 0 -0                | NaN 1 0     | 0=1 -0=1
      selu        | NaN Inf -1.7580993 0 -0        | NaN 1.050701 0 | 0=1.7580993 -0=1.7580993
      gelu        | NaN Inf -0 0 -0                | NaN 1 0     | 0=.5 -0=.5
      gelu_tanh   | NaN Inf -0 0 -0                | NaN 1 0     | 0=.5 -0=.5 Max=1 -Max=0
      silu        | NaN Inf -0 0 -0                | NaN 1 0     | 0=.5 -0=.5
      mish        | NaN Inf -0 0 -0                | NaN 1 0     | 0=.6 -0=.6
      softplus    | NaN Inf 0 .6931472 .6931472    | NaN 1 0     | 0=.5 -0=.5
      sigmoid     | NaN 1 0 .5 .5                  | NaN 0 0     | 0=.25 -0=.25
      tanh        | NaN 1 -1 0 -0                  | NaN 0 0     | 0=1 -0=1
      logsigmoid  | NaN 0 -Inf -.6931472 -.6931472 | NaN 0 1     | 0=.5 -0=.5
      softsign    | NaN NaN NaN 0 -0               | NaN NaN NaN | 0=1 -0=1
      tanhshrink  | NaN Inf -Inf 0 0               | NaN 1 1     | 0=0 -0=0
      hardtanh    | NaN 1 -1 0 -0                  | 0 0 0       | 1=0 -1=0 0=1
      hardsigmoid | NaN 1 0 .5 .5                  | 0 0 0       | 3=0 -3=0 0=.16666667
      hardswish   | NaN Inf -0 0 -0                | NaN 1 0     | 3=1 -3=0 0=.5
      hardshrink  | NaN Inf -Inf 0 0               | 0 1 1       | 0=0 .5=0 -.5=0
      softshrink  | NaN Inf -Inf 0 0               | 0 1 1       | 0=0 .5=0 -.5=0
      threshold   | NaN Inf 20 20 20               | 1 1 0       | .1=0 0=0
      exp         | NaN Inf 0 1 1                  | NaN Inf 0   | 0=1 -0=1
      expm1       | NaN Inf -1 0 -0                | NaN Inf 0   | 0=1 -0=1
      log         | NaN Inf NaN -Inf -Inf          | NaN 0 0     | 1=1 0=Inf -0=-Inf
      log1p       | NaN Inf NaN 0 -0               | NaN 0 0     | 0=1 -0=1 -1=Inf
      erf         | NaN 1 -1 0 -0                  | NaN 0 0     | 0=1.1283792 -0=1.1283792
      """;

  private static final List<String> INPUTS = List.of("NaN", "Inf", "-Inf", "0", "-0");

  static final List<SpecialValues> ALL = TABLE.lines().map(SpecialValues::parse).toList();
  static final List<String> NAMES = ALL.stream().map(SpecialValues::name).toList();

  /// An input and what belongs to it.
  record Pair(float x, float value) {}

  static SpecialValues of(String name) {
    return ALL.get(NAMES.indexOf(name));
  }

  private static SpecialValues parse(String line) {
    List<String> columns = List.of(line.split("\\s*\\|\\s*", -1));
    List<Pair> slope = pairs(columns.get(2));
    for (String pair : columns.get(3).split(" ", -1)) {
      int equals = pair.indexOf('=');
      slope.add(new Pair(number(pair.substring(0, equals)), number(pair.substring(equals + 1))));
    }
    return new SpecialValues(columns.get(0), pairs(columns.get(1)), slope);
  }

  private static List<Pair> pairs(String column) {
    List<Pair> pairs = new ArrayList<>();
    for (String value : column.split(" ", -1)) {
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

  @Override
  public String toString() {
    return name;
  }
}
