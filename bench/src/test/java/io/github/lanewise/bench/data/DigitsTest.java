package io.github.lanewise.bench.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.Batch;
import io.github.lanewise.nn.io.Batches;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FeatureScaling;
import io.github.lanewise.optim.Optimizer;
import java.lang.foreign.Arena;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DigitsTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  private static long checksum(DataSet data) {
    CRC32 crc = new CRC32();
    for (long i = 0; i < data.features().length(); i++) {
      crc.update((int) data.features().get(i));
    }
    return crc.getValue();
  }

  @Test
  void areTheSameEverywhere() {
    DataSet training = Digits.training(arena);
    DataSet test = Digits.test(arena);
    assertEquals("6000 rows of 256 features, 10 classes", training.toString());
    assertEquals("1500 rows of 256 features, 10 classes", test.toString());
    assertEquals("244526335 1517331828", checksum(training) + " " + checksum(test));
  }

  @Test
  void aLinearModelDoesNotSolveThemAndANetworkDoes() {
    DataSet training = Digits.training(arena);
    DataSet test = Digits.test(arena);
    FeatureScaling scaling = FeatureScaling.fit(training);
    scaling.applyTo(training);
    scaling.applyTo(test);
    double linear = accuracy(training, test, Sequential.of(Linear.of(256, 10)));
    double network =
        accuracy(
            training,
            test,
            Sequential.of(Linear.of(256, 128), Activation.RELU, Linear.of(128, 10)));
    assertTrue(linear < 0.92, () -> "linear " + linear);
    assertTrue(network > 0.965, () -> "network " + network);
  }

  private double accuracy(DataSet training, DataSet test, Sequential layers) {
    Model model = layers.initialize(arena, 1);
    TrainingSession session = model.training(arena, 32, Loss.crossEntropy());
    Optimizer adam = Optimizer.named("adam", arena, model.parameters(), 1e-3);
    Batches batches = Batches.of(arena, training, 32, 1);
    for (int epoch = 0; epoch < 30; epoch++) {
      for (Batch batch : batches) {
        session.forward(batch.features(), batch.labels());
        adam.zeroGrad();
        session.backward();
        adam.step();
      }
    }
    FloatArray logits = FloatArray.allocate(arena, test.rows() * 10L);
    model.inference(arena, test.rows()).forward(test.features(), logits);
    int right = 0;
    for (int row = 0; row < test.rows(); row++) {
      right += largest(logits.slice(row * 10L, 10)) == test.label(row) ? 1 : 0;
    }
    return (double) right / test.rows();
  }

  private static int largest(FloatArray logits) {
    int largest = 0;
    for (int i = 1; i < logits.length(); i++) {
      if (logits.get(i) > logits.get(largest)) {
        largest = i;
      }
    }
    return largest;
  }
}
