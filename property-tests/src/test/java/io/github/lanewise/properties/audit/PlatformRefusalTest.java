package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.support.ForkedJvm;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A JVM that cannot run the kernels well says so once, with the cause and the flag.
class PlatformRefusalTest {
  private static final List<String> VECTORS = List.of(ForkedJvm.VECTOR_MODULE);

  /// The smallest program: one array, one kernel.
  static final class Smallest {
    private Smallest() {}

    public static void main(String[] arguments) {
      try (Arena arena = Arena.ofConfined()) {
        FloatArray x = FloatArray.of(arena, -1f, 0f, 2f);
        Activation.RELU.forward(x, x);
        System.out.println(x);
      }
    }
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(List.of(), "start java with --add-modules jdk.incubator.vector"),
        Arguments.of(with("-XX:-UseFMA"), "remove -XX:-UseFMA"),
        Arguments.of(with("-Xint"), "without -Xint"),
        Arguments.of(with("-XX:TieredStopAtLevel=1"), "-XX:TieredStopAtLevel below 4"),
        Arguments.of(
            with("-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0"),
            "remove the system property jdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void theCauseIsNamedOnce(List<String> options, String message) throws Exception {
    ForkedJvm.Outcome outcome = ForkedJvm.run(options, Smallest.class);
    assertNotEquals(0, outcome.exitCode(), outcome::text);
    List<String> causes = outcome.lines().stream().filter(line -> line.contains(message)).toList();
    assertEquals(1, causes.size(), outcome::text);
    assertTrue(
        causes.get(0).contains("java.lang.IllegalStateException: Lanewise needs"), outcome::text);
  }

  @Test
  void withTheOneFlagItRunsAndDescribesItselfOnce() throws Exception {
    ForkedJvm.Outcome outcome = ForkedJvm.run(VECTORS, Smallest.class);
    assertEquals(0, outcome.exitCode(), outcome::text);
    assertTrue(outcome.lines().contains("[0.0, 0.0, 2.0]"), outcome::text);
    long descriptions =
        outcome.lines().stream().filter(line -> line.contains("-bit vectors")).count();
    assertEquals(1, descriptions, outcome::text);
  }

  @Test
  void anUnknownWidthIsNamed() throws Exception {
    List<String> options = List.of(ForkedJvm.VECTOR_MODULE, "-Dlanewise.vectorBits=100");
    ForkedJvm.Outcome outcome = ForkedJvm.run(options, Smallest.class);
    assertNotEquals(0, outcome.exitCode(), outcome::text);
    assertTrue(outcome.text().contains("must be 128, 256 or 512"), outcome::text);
  }

  private static List<String> with(String option) {
    return List.of(ForkedJvm.VECTOR_MODULE, option);
  }
}
