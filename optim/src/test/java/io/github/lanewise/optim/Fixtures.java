package io.github.lanewise.optim;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.rule.AdagradConfig;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.optim.rule.AdamWConfig;
import io.github.lanewise.optim.rule.RmsPropConfig;
import io.github.lanewise.optim.rule.Rules;
import io.github.lanewise.optim.rule.SgdConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Parameters to optimize, and every optimizer with every flag.
final class Fixtures {
  private Fixtures() {}

  /// A parameter of its own memory.
  static Parameter parameter(Arena arena, String name, float... values) {
    return new Parameter(
        name,
        Shape.of(values.length),
        FloatArray.of(arena, values),
        FloatArray.allocate(arena, values.length));
  }

  /// Three parameters in one slab and a fourth elsewhere, with random values.
  static List<Parameter> model(Arena arena, long seed) {
    FloatArray values = FloatArray.allocate(arena, 3 * 17 + 5 + 40);
    FloatArray gradients = FloatArray.allocate(arena, values.length());
    List<Parameter> parameters = new ArrayList<>();
    long from = 0;
    for (Shape shape : List.of(Shape.of(17, 3), Shape.of(5), Shape.of(4, 10))) {
      String name = parameters.size() + ".weight";
      long n = shape.elements();
      parameters.add(new Parameter(name, shape, values.slice(from, n), gradients.slice(from, n)));
      from += n;
    }
    parameters.add(parameter(arena, "3.bias", new float[23]));
    Random random = new Random(seed);
    parameters.forEach(p -> fill(p.value(), random));
    return parameters;
  }

  static void fillGradients(List<Parameter> parameters, long seed) {
    Random random = new Random(seed);
    parameters.forEach(p -> fill(p.gradient(), random));
  }

  private static void fill(FloatArray array, Random random) {
    for (long i = 0; i < array.length(); i++) {
      array.set(i, (float) random.nextGaussian());
    }
  }

  record Case(String name, UpdateRule rule) {
    Optimizer create(Arena arena, List<Parameter> parameters) {
      return Optimizer.of(arena, parameters, rule);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// Every rule of the table that takes parameters of any shape, and those with other loops.
  static Stream<Case> optimizers() {
    SgdConfig momentum = SgdConfig.DEFAULT.withMomentum(0.9);
    RmsPropConfig rmsMomentum = RmsPropConfig.DEFAULT.withMomentum(0.9);
    Stream<Case> table = Rules.NAMES.stream().map(name -> new Case(name, Rules.named(name)));
    return Stream.concat(
        table,
        Stream.of(
            new Case("sgd momentum", momentum.withDampening(0.3)),
            new Case("sgd nesterov", momentum.withNesterov(true)),
            new Case("amsgrad", AdamConfig.DEFAULT.withAmsgrad(true)),
            new Case("amsgradw", AdamWConfig.DEFAULT.withAmsgrad(true)),
            new Case("rmsprop momentum", rmsMomentum),
            new Case("rmsprop centered", RmsPropConfig.DEFAULT.withCentered(true)),
            new Case("rmsprop centered momentum", rmsMomentum.withCentered(true)),
            new Case("adagrad from 0.1", AdagradConfig.DEFAULT.withInitialAccumulatorValue(0.1))));
  }
}
