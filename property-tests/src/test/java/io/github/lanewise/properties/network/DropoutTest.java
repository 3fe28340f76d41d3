package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.DropoutMask;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which elements dropout drops, and when. That they are the same on every vector width is in the
/// fingerprints.
class DropoutTest {
  private static final int ROWS = 70;
  private static final int N = 45;
  private static final int STRIP = Batch.LANES * N;

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.3, 0.5, 0.9})
  void theRateIsNearPAndTheRestIsEnlarged(double p) {
    int dropped = 0;
    int steps = 100;
    for (int step = 0; step < steps; step++) {
      for (float value : mask(p, 1, step, ROWS, N)) {
        if (value == 0) {
          dropped++;
        } else {
          assertEquals((float) (1 / (1 - p)), value);
        }
      }
    }
    int n = steps * ROWS * N;
    // Five standard deviations of the binomial distribution.
    assertEquals(p, dropped / (double) n, 5 * Math.sqrt(p * (1 - p) / n));
  }

  @Test
  void rowsFeaturesAndPairsOfNeighboursAreDroppedAtTheRate() {
    int steps = 400;
    int[] ofRow = new int[ROWS];
    int[] ofFeature = new int[N];
    int pairs = 0;
    int repeated = 0;
    int inTheNextStrip = 0;
    float[] before = mask(0.5, 1, steps, ROWS, N);
    for (int step = 0; step < steps; step++) {
      float[] mask = mask(0.5, 1, step, ROWS, N);
      for (int i = 0; i < mask.length; i++) {
        if (mask[i] == 0) {
          ofRow[i / N]++;
          ofFeature[i % N]++;
          pairs += i > 0 && mask[i - 1] == 0 ? 1 : 0;
        }
        repeated += mask[i] == before[i] ? 1 : 0;
        inTheNextStrip += i < STRIP && mask[i] == mask[i + STRIP] ? 1 : 0;
      }
      before = mask;
    }
    double all = (double) steps * ROWS * N;
    for (int count : ofRow) {
      assertEquals(0.5, count / (double) (steps * N), 5 * 0.5 / Math.sqrt(steps * N));
    }
    for (int count : ofFeature) {
      assertEquals(0.5, count / (double) (steps * ROWS), 5 * 0.5 / Math.sqrt(steps * ROWS));
    }
    assertEquals(0.25, pairs / all, 0.005, "neighbours");
    assertEquals(0.5, repeated / all, 0.005, "from step to step");
    assertEquals(0.5, inTheNextStrip / ((double) steps * STRIP), 0.005, "from strip to strip");
  }

  @Test
  void theMaskDependsOnSeedStepRowAndFeatureAlone() {
    float[] mask = mask(0.5, 1, 7, ROWS, N);
    Verdict.sameBits("again", mask, mask(0.5, 1, 7, ROWS, N));
    Verdict.sameBits("fewer rows", Arrays.copyOf(mask, 33 * N), mask(0.5, 1, 7, 33, N));
    assertFalse(Arrays.equals(mask, mask(0.5, 2, 7, ROWS, N)), "another seed");
    assertFalse(Arrays.equals(mask, mask(0.5, 1, 8, ROWS, N)), "another step");
    float[] none = mask(0, 1, 7, ROWS, N);
    float[] ones = new float[none.length];
    Arrays.fill(ones, 1);
    Verdict.sameBits("p is 0", ones, none);
  }

  @Test
  void aDroppedNaNOrInfinityIsZero() {
    Batch x = Batch.allocate(arena, 1, 200);
    Batch y = Batch.allocate(arena, 1, 200);
    for (int i = 0; i < 200; i++) {
      x.set(0, i, i % 2 == 0 ? Float.NaN : Float.NEGATIVE_INFINITY);
    }
    DropoutMask.apply(x, y, 0.5, 3);
    int zeros = 0;
    for (int i = 0; i < 200; i++) {
      if (y.get(0, i) == 0) {
        zeros++;
      } else {
        Verdict.sameBits("element " + i, x.get(0, i), y.get(0, i));
      }
    }
    assertTrue(zeros > 50 && zeros < 150, zeros + " are dropped");
    DropoutMask.apply(x, x, 0.5, 3);
    for (int i = 0; i < 200; i++) {
      Verdict.sameBits("in place " + i, y.get(0, i), x.get(0, i));
    }
  }

  @Test
  void backwardHasTheMaskOfForward() {
    Layered layered = new Layered();
    for (int step = 0; step < 3; step++) {
      FloatArray y = FloatArray.allocate(arena, ROWS * 5L);
      FloatArray gx = FloatArray.allocate(arena, y.length());
      layered.training.forward(layered.x, y);
      layered.training.outputs(y);
      layered.training.backward(gx);
      for (int i = 0; i < y.length(); i++) {
        assertEquals(y.get(i) == 0, gx.get(i) == 0, "step " + step + ", element " + i);
      }
    }
  }

  @Test
  void evaluationAndAnswersDropNothing() {
    Layered layered = new Layered();
    FloatArray y = FloatArray.allocate(arena, ROWS * 5L);
    FloatArray targets = FloatArray.allocate(arena, ROWS * 5L);
    layered.training.evaluate(layered.x, targets);
    layered.training.outputs(y);
    Verdict.sameBits("evaluate", layered.x.toArray(), y.toArray());
    TrainingSession classifier = layered.model.training(arena, ROWS, Loss.crossEntropy());
    classifier.evaluate(layered.x, new int[ROWS]);
    classifier.outputs(y.fill(0));
    Verdict.sameBits("evaluate with classes", layered.x.toArray(), y.toArray());
    layered.model.inference(arena, ROWS).forward(layered.x, y.fill(0));
    Verdict.sameBits("inference", layered.x.toArray(), y.toArray());
    assertEquals(0, layered.training.step(), "evaluation counts as no step");
  }

  @Test
  void aRunThatIsResumedDropsWhatItWouldHaveDropped() {
    Layered run = new Layered();
    float[] third = new float[0];
    for (int step = 0; step < 3; step++) {
      third = run.outputs();
    }
    assertEquals(3, run.training.step());
    Layered resumed = new Layered();
    resumed.training.resumeAt(2);
    Verdict.sameBits("step 2", third, resumed.outputs());
    Verdict.sameBits("step 3", run.outputs(), resumed.outputs());
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> run.training.resumeAt(-1));
    assertEquals("step is -1, must be at least 0", refusal.getMessage());
    assertEquals(4, run.training.step());
  }

  @Test
  void aProbabilityThatIsNoneIsRefused() {
    for (double wrong : new double[] {-0.1, 1, 1.5, Double.NaN}) {
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, () -> new Dropout(wrong, 1));
      assertEquals("p is " + wrong + ", must be at least 0 and below 1", refusal.getMessage());
    }
    assertEquals("Dropout(0.5)", Dropout.of(1).toString());
  }

  /// A network that drops, and passes on what it does not drop.
  private final class Layered {
    final Model model = Sequential.of(Linear.of(5, 5), new Dropout(0.4, 9)).initialize(arena, 1);
    final FloatArray x = FloatArray.of(arena, Samples.normal(1, ROWS * 5, 1));
    final TrainingSession training;

    Layered() {
      FloatArray weight = model.parameters().get(0).value().fill(0);
      for (int i = 0; i < 5; i++) {
        weight.set(6L * i, 1);
      }
      model.parameters().get(1).value().fill(0);
      training = model.training(arena, ROWS, Loss.meanSquaredError());
    }

    float[] outputs() {
      FloatArray y = FloatArray.allocate(arena, x.length());
      training.forward(x);
      training.outputs(y);
      return y.toArray();
    }
  }

  /// What is left of ones.
  private float[] mask(double p, long seed, long step, int rows, int n) {
    try (Arena closing = Arena.ofConfined()) {
      Batch ones = Batch.allocate(closing, rows, n);
      ones.array().fill(1);
      ones.resize(rows, step);
      Batch mask = Batch.allocate(closing, rows, n);
      new Dropout(p, seed).forwardInTraining(ones, List.of(), mask);
      FloatArray values = FloatArray.allocate(closing, (long) rows * n);
      mask.store(values, 0);
      return values.toArray();
    }
  }
}
