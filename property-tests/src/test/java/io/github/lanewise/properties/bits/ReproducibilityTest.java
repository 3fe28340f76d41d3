package io.github.lanewise.properties.bits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Platform;
import io.github.lanewise.properties.support.ForkedJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same bits on every vector width, from every compiler, on every machine: one file of hashes.
///
/// This JVM tries its own width, and a JVM beside it each of the other widths that the CPU has.
class ReproducibilityTest {
  private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";
  private static final String INTERPRETER = "-Xint";

  private static final Map<String, Future<ForkedJvm.Outcome>> RUNNING = new HashMap<>();

  @BeforeAll
  static void writeAnewIfAskedAndStartTheOtherJvms() throws IOException {
    FingerprintFile.writeIfAsked();
    otherWidths().forEach(bits -> start("long", width(bits)));
    start("short", FIRST_COMPILER);
    start("short", INTERPRETER);
  }

  @Test
  void thisJvmHasTheBitsOfTheFile() throws IOException {
    assertSame(FingerprintFile.stored("long."), Fingerprints.all(true));
    assertSame(FingerprintFile.stored("short."), Fingerprints.all(false));
  }

  /// The widths that this CPU has besides the one of this JVM: none on a CPU of 128 bits. The
  /// library refuses wider vectors.
  static List<Integer> otherWidths() {
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return Stream.of(128, 256, 512)
        .filter(bits -> bits <= widest && bits != Platform.vectorBits())
        .toList();
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("otherWidths")
  void everyOtherWidthHasTheBitsOfTheFile(int bits) throws Exception {
    ForkedJvm.Outcome outcome = outcome(width(bits));
    String first = description(outcome);
    assertTrue(first.contains(bits + "-bit vectors"), () -> "asked for " + bits + ": " + first);
    assertSame(FingerprintFile.stored("long."), hashes(outcome));
  }

  @Test
  void theFirstCompilerAloneHasTheBitsOfTheFile() throws Exception {
    ForkedJvm.Outcome outcome = outcome(FIRST_COMPILER);
    assertTrue(description(outcome).contains("no C2"), outcome::text);
    assertSame(FingerprintFile.stored("short."), hashes(outcome));
  }

  @Test
  void theInterpreterHasTheBitsOfTheFile() throws Exception {
    ForkedJvm.Outcome outcome = outcome(INTERPRETER);
    assertTrue(description(outcome).contains("no C2"), outcome::text);
    assertSame(FingerprintFile.stored("short."), hashes(outcome));
  }

  private static String width(int bits) {
    return "-Dlanewise.vectorBits=" + bits;
  }

  private static void start(String size, String option) {
    List<String> options =
        List.of(ForkedJvm.VECTOR_MODULE, option, "-Dlanewise.acceptSlow=" + size.equals("short"));
    RUNNING.put(option, ForkedJvm.submit(options, Fingerprints.class, size));
  }

  private static ForkedJvm.Outcome outcome(String option) throws Exception {
    ForkedJvm.Outcome outcome = RUNNING.get(option).get();
    assertEquals(0, outcome.exitCode(), outcome::text);
    return outcome;
  }

  private static String description(ForkedJvm.Outcome outcome) {
    for (String line : outcome.lines()) {
      if (line.startsWith("Lanewise: ")) {
        return line;
      }
    }
    throw new AssertionError("no description in " + outcome.text());
  }

  private static Map<String, String> hashes(ForkedJvm.Outcome outcome) {
    return FingerprintFile.parse(
        outcome.lines().stream().filter(line -> line.matches("\\S+ [0-9a-f]{64}")).toList());
  }

  private static void assertSame(Map<String, String> expected, Map<String, String> actual) {
    List<String> different = new ArrayList<>();
    for (Map.Entry<String, String> entry : actual.entrySet()) {
      if (!entry.getValue().equals(expected.get(entry.getKey()))) {
        different.add(entry.getKey());
      }
    }
    assertEquals(List.of(), different, "kernels with other bits than the file");
    assertEquals(expected.keySet(), actual.keySet(), "kernels in the file");
  }
}
