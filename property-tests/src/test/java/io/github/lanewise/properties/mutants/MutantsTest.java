package io.github.lanewise.properties.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Survey;
import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.Activation;
import io.github.lanewise.properties.bits.FingerprintFile;
import io.github.lanewise.properties.bits.Fingerprints;
import io.github.lanewise.properties.mutants.Mutant.Coefficient;
import io.github.lanewise.properties.support.AccuracyCheck;
import io.github.lanewise.properties.support.Modules;
import io.github.lanewise.properties.support.ShapeCheck;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The checkers can fail: each of them finds the fault in a copy of what it judges.
///
/// A coefficient of a polynomial is changed in its last bits, which the hashes must see, or by so
/// much that the result moves by four times its tolerance, which the accuracy check must see. Every
/// build tries one coefficient of each class, the profile `exhaustive` all of them.
class MutantsTest {
  /// Of 24 bits, the last ones that a mutant may turn: the first of them that shows is printed.
  private static final int LOW_BITS = 12;

  private static final Logger LOG = Logger.getLogger("io.github.lanewise");
  private static final Map<String, float[]> VALUES = new HashMap<>();

  /// Every copy would describe the same platform.
  @BeforeAll
  static void quiet() {
    LOG.setLevel(Level.WARNING);
  }

  @AfterAll
  static void speak() {
    LOG.setLevel(null);
  }

  static List<Coefficient> all() throws IOException {
    List<ClassModel> models = Modules.kernelClasses();
    Set<String> called = Mutant.calls(models);
    List<Coefficient> all = new ArrayList<>();
    for (ClassModel model : models) {
      if (Modules.packageName(model).equals("io.github.lanewise.core.math")) {
        all.addAll(Mutant.coefficients(model, called));
      }
    }
    return all;
  }

  static List<Coefficient> oneOfEachClass() throws IOException {
    Map<String, Coefficient> last = new HashMap<>();
    for (Coefficient coefficient : all()) {
      last.put(coefficient.className(), coefficient);
    }
    return List.copyOf(last.values());
  }

  @Test
  void anActivationUsesEveryCoefficient() throws IOException {
    List<Coefficient> all = all();
    assertTrue(all.size() > 50, () -> "only " + all);
    for (Coefficient coefficient : all) {
      assertFalse(KernelGraph.ops(coefficient).isEmpty(), coefficient.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("oneOfEachClass")
  void aTurnedBitChangesTheHashes(Coefficient coefficient) throws IOException {
    requireDifferentHashes(coefficient);
  }

  @ParameterizedTest
  @MethodSource("oneOfEachClass")
  void aWrongCoefficientBreaksTheTolerance(Coefficient coefficient) throws IOException {
    requireVerdict(coefficient);
  }

  @Tag("exhaustive")
  @ParameterizedTest
  @MethodSource("all")
  void aTurnedBitOfAnyCoefficientChangesTheHashes(Coefficient coefficient) throws IOException {
    requireDifferentHashes(coefficient);
  }

  @Tag("exhaustive")
  @ParameterizedTest
  @MethodSource("all")
  void anyWrongCoefficientBreaksTheTolerance(Coefficient coefficient) throws IOException {
    requireVerdict(coefficient);
  }

  /// A copy whose one change is none: what finds the mutants does not find this.
  @Test
  void aTrueCopyPasses() throws IOException {
    Coefficient coefficient = all().getFirst();
    Mutant copy = new Mutant(coefficient, coefficient.value());
    Set<String> judging = new LinkedHashSet<>();
    for (Coefficient other : oneOfEachClass()) {
      judging.add(KernelGraph.ops(other).getFirst());
    }
    for (String op : judging) {
      assertFalse(hasOtherHashes(copy, op), op);
      assertNull(copy.call(MutantsTest.class, "verdict", op), op);
    }
  }

  @Test
  void aSwappedLaneIsFound() {
    Survey.Function swapping =
        (x, y) -> {
          Activation.TANH.forward(x, y);
          if (y.length() > 20) {
            float y17 = y.get(17);
            y.set(17, y.get(18));
            y.set(18, y17);
          }
        };
    assertFound("[17] of ", swapping);
  }

  @Test
  void aSkippedTailIsFound() {
    assertFound(
        "[32] of 33",
        (x, y) -> {
          long whole = y.length() < 32 ? y.length() : y.length() / 16 * 16;
          Activation.TANH.forward(x.slice(0, whole), y.slice(0, whole));
        });
  }

  @Test
  void aTrueKernelPassesTheSameCheck() {
    ShapeCheck.requireForward("tanh", Activation.TANH::forward, Activation.TANH::forward);
  }

  private static void assertFound(String where, Survey.Function broken) {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () -> ShapeCheck.requireForward("tanh", Activation.TANH::forward, broken));
    assertTrue(error.getMessage().contains(where), error.getMessage());
  }

  private static void requireDifferentHashes(Coefficient coefficient) throws IOException {
    Mutant[] mutants = new Mutant[LOW_BITS];
    for (int bit = 0; bit < LOW_BITS; bit++) {
      mutants[bit] = new Mutant(coefficient, coefficient.flipped(bit));
    }
    for (String op : KernelGraph.ops(coefficient)) {
      for (int bit = 0; bit < LOW_BITS; bit++) {
        if (hasOtherHashes(mutants[bit], op)) {
          System.out.printf("mutant: %s: the hash of %s sees bit %d%n", coefficient, op, bit);
          return;
        }
      }
    }
    throw new AssertionError("no hash sees the last " + LOW_BITS + " bits of " + coefficient);
  }

  private static boolean hasOtherHashes(Mutant mutant, String op) throws IOException {
    Map<String, String> stored = FingerprintFile.stored("long." + op + ".");
    assertEquals(2, stored.size(), op);
    return !stored.toString().equals(mutant.call(MutantsTest.class, "hashes", op));
  }

  /// Makes the coefficient wrong by 2^-12, and more and more until it shows.
  private static void requireVerdict(Coefficient coefficient) throws IOException {
    for (int power = -12; power <= 12; power += 3) {
      Mutant mutant = new Mutant(coefficient, coefficient.value() * (1 + Math.scalb(1f, power)));
      for (String op : KernelGraph.ops(coefficient)) {
        if (moves(op, (float[]) mutant.call(MutantsTest.class, "values", op))) {
          Object verdict = mutant.call(MutantsTest.class, "verdict", op);
          assertNotNull(verdict, coefficient + ", off by 2^" + power + ", passes as " + op);
          System.out.printf("mutant: %s, off by 2^%d: %s%n", coefficient, power, verdict);
          return;
        }
      }
    }
    throw new AssertionError(coefficient + " has no effect");
  }

  /// Whether a result differs by four tolerances from what it should be.
  private static boolean moves(String name, float[] mutated) {
    Op op = op(name);
    float[] expected = VALUES.computeIfAbsent(name, MutantsTest::values);
    float[] x = op.sample();
    for (int i = 0; i < mutated.length; i++) {
      boolean forward = i < x.length;
      float at = x[i % x.length];
      double exact = (forward ? op.forward() : op.derivative()).applyAsDouble(at);
      double bound = (forward ? op.tolerance() : op.slopeTolerance()).at(at, exact);
      if (Ulps.distance(expected[i], mutated[i]) > 4 * bound + Ulps.unit(exact)) {
        return true;
      }
    }
    return false;
  }

  // What follows is called in the copies.

  static String hashes(String op) {
    return Fingerprints.ofActivation(op(op)).toString();
  }

  /// What the accuracy check says of an activation, null if it has no objection.
  static String verdict(String op) {
    try {
      AccuracyCheck.requireForward(op(op));
      AccuracyCheck.requireBackward(op(op));
      return null;
    } catch (AssertionError e) {
      return e.getMessage();
    }
  }

  /// The results at the sample, then the slopes there.
  static float[] values(String name) {
    Op op = op(name);
    float[] x = op.sample();
    float[] y = AccuracyCheck.forward(op, x);
    float[] ones = new float[x.length];
    Arrays.fill(ones, 1f);
    float[] gx = AccuracyCheck.backward(op, op.activation().savesOutput() ? y : x, ones);
    float[] both = Arrays.copyOf(y, 2 * x.length);
    System.arraycopy(gx, 0, both, x.length, x.length);
    return both;
  }

  private static Op op(String name) {
    return Ops.named(name);
  }
}
