package io.github.lanewise.properties.bits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.ForkedJvm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same bits on every vector width, from every compiler, on every machine: one file of hashes.
class ReproducibilityTest {
  @BeforeAll
  static void writeAnewIfAsked() throws IOException {
    FingerprintFile.writeIfAsked();
  }

  @Test
  void thisJvmHasTheBitsOfTheFile() throws IOException {
    assertSame(FingerprintFile.stored("long."), Fingerprints.all(true));
    assertSame(FingerprintFile.stored("short."), Fingerprints.all(false));
  }

  /// A width that this CPU lacks runs in the Vector API's own Java, vector by vector: the same
  /// kernels, a hundred times slower, so that it takes the short file.
  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void everyVectorWidthHasTheBitsOfTheFile(int bits) throws Exception {
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    String size = bits <= widest ? "long" : "short";
    System.out.printf(
        "reproducibility: %d-bit vectors, %s file, this CPU has %d bits%n", bits, size, widest);
    ForkedJvm.Outcome outcome = run(size, "-Dlanewise.vectorBits=" + bits);
    String first = description(outcome);
    assertTrue(first.contains(bits + "-bit vectors"), () -> "asked for " + bits + ": " + first);
    assertSame(FingerprintFile.stored(size + "."), hashes(outcome));
  }

  @Test
  void theFirstCompilerAloneHasTheBitsOfTheFile() throws Exception {
    ForkedJvm.Outcome outcome =
        run("short", "-XX:TieredStopAtLevel=1", "-Dlanewise.acceptSlow=true");
    assertTrue(description(outcome).contains("no C2"), outcome::text);
    assertSame(FingerprintFile.stored("short."), hashes(outcome));
  }

  @Test
  void theInterpreterHasTheBitsOfTheFile() throws Exception {
    ForkedJvm.Outcome outcome = run("short", "-Xint", "-Dlanewise.acceptSlow=true");
    assertTrue(description(outcome).contains("no C2"), outcome::text);
    assertSame(FingerprintFile.stored("short."), hashes(outcome));
  }

  private static ForkedJvm.Outcome run(String size, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    all.add(ForkedJvm.VECTOR_MODULE);
    ForkedJvm.Outcome outcome = ForkedJvm.run(all, Fingerprints.class, size);
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
