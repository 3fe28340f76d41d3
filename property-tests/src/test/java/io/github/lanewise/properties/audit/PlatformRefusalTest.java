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
import org.junit.jupiter.params.provider.CsvSource;
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
        Arguments.of(with("-XX:MaxVectorSize=8"), "vectors of at least 128 bits"),
        Arguments.of(with("-XX:FreqInlineSize=9000"), "of at most 7000, but it is 9000"),
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

  @ParameterizedTest
  @CsvSource({
    "-XX:MaxVectorSize=16, 256, 'is 256, but this JVM''s vectors have 128 bits'",
    "-XX:MaxVectorSize=16, 100, 'is 100, but must be 128, 256 or 512'",
    "-XX:MaxVectorSize=16, wide, 'is wide, but must be 128, 256 or 512'"
  })
  void aWidthThatCannotBeIsNamed(String option, String width, String message) throws Exception {
    List<String> options =
        List.of(ForkedJvm.VECTOR_MODULE, option, "-Dlanewise.vectorBits=" + width);
    ForkedJvm.Outcome outcome = ForkedJvm.run(options, Smallest.class);
    assertNotEquals(0, outcome.exitCode(), outcome::text);
    assertTrue(
        outcome.text().contains("IllegalStateException: lanewise.vectorBits " + message),
        outcome::text);
  }

  /// The program calls RELU on three floats, so that no class needs a copy for long loops.
  @Test
  void whatIsNotUsedIsNotDefined() throws Exception {
    ForkedJvm.Outcome outcome = ForkedJvm.run(with("-Xlog:class+load"), Smallest.class);
    assertEquals(0, outcome.exitCode(), outcome::text);
    assertTrue(outcome.text().contains("core.activation.ReluKernel "), "the log has no classes");
    List<String> hidden =
        outcome.lines().stream().filter(line -> line.contains("Kernel/0x")).toList();
    assertEquals(List.of(), hidden, "hidden copies of kernels");
  }

  private static List<String> with(String option) {
    return List.of(ForkedJvm.VECTOR_MODULE, option);
  }
}
