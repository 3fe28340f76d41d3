package io.github.lanewise.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.optim.rule.Rules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What JMH would run, by its own list.
final class SuitesTest {
  @TempDir Path directory;

  /// The lines that JMH prints for the parameters of the selected benchmarks.
  private List<String> parameters(String... arguments) throws Exception {
    Path list = directory.resolve("list");
    List<String> all = new ArrayList<>(List.of("-lp", "-o", list.toString()));
    all.addAll(List.of(arguments));
    Suites.run(all);
    return Files.readAllLines(list).stream().filter(line -> line.contains("param ")).toList();
  }

  @Test
  void everyActivationIsMeasuredUnlessSomeAreNamed() throws Exception {
    String all = Activation.defaults().toString().replace("[", "{").replace("]", "}");
    assertTrue(
        parameters("ActivationBench.forward").contains("  param \"op\" = " + all),
        parameters("ActivationBench.forward")::toString);
    assertTrue(
        parameters("ActivationBench.forward", "-p", "op=exp,tanh")
            .contains("  param \"op\" = {exp, tanh}"));
  }

  @Test
  void everyOptimizerIsMeasured() throws Exception {
    String optimizers = String.join(", ", Rules.NAMES) + ", sgd_momentum";
    assertTrue(
        parameters("OptimizerBench").contains("  param \"optimizer\" = {" + optimizers + "}"),
        parameters("OptimizerBench")::toString);
  }

  @Test
  void noParameterIsLeftWithThePlaceOfItsValues() throws Exception {
    List<String> parameters = parameters();
    assertTrue(parameters.size() > 20, parameters::toString);
    assertEquals(List.of(), parameters.stream().filter(line -> line.endsWith(" = {all}")).toList());
  }
}
