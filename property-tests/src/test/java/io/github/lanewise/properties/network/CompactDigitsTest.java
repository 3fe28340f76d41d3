package io.github.lanewise.properties.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.data.Digits;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.WeightPrecision;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
import java.lang.foreign.Arena;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// What weights in bfloat16 do to a network that has learnt: next to nothing.
class CompactDigitsTest {
  private static final int BATCH = 32;
  private static final int EPOCHS = 3;

  @Test
  void theAccuracyOnDigitsChangesByLessThanAFifthOfAPercent() {
    try (Arena arena = Arena.ofConfined()) {
      DataSet training = Digits.training(arena);
      DataSet test = Digits.test(arena);
      scale(training.features());
      scale(test.features());
      Model model =
          Sequential.of(Linear.of(training.columns(), 128), Activation.RELU, Linear.of(128, 10))
              .initialize(arena, 42);
      train(model, training, arena);
      double floats = accuracy(model.serve(arena), test, arena);
      double halves = accuracy(model.serve(arena, WeightPrecision.BFLOAT16), test, arena);
      String figures = String.format(Locale.ROOT, "float32 %.4f, bfloat16 %.4f", floats, halves);
      System.out.println("accuracy on digits: " + figures);
      assertTrue(floats > 0.9, figures);
      assertEquals(floats, halves, 0.002, figures);
    }
  }

  private static void scale(FloatArray features) {
    for (long i = 0; i < features.length(); i++) {
      features.set(i, features.get(i) / 255);
    }
  }

  private static void train(Model model, DataSet data, Arena arena) {
    TrainingSession session = model.training(arena, BATCH, Loss.crossEntropy());
    Optimizer adam = Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT);
    int[] labels = new int[BATCH];
    for (int step = 0; step < EPOCHS * (data.rows() / BATCH); step++) {
      int first = step * BATCH % (data.rows() - BATCH);
      for (int i = 0; i < BATCH; i++) {
        labels[i] = data.label(first + i);
      }
      long columns = data.columns();
      session.forward(data.features().slice(first * columns, BATCH * columns), labels);
      adam.zeroGrad();
      session.backward();
      adam.step();
    }
  }

  private static double accuracy(ServedModel model, DataSet data, Arena arena) {
    FloatArray outputs = FloatArray.allocate(arena, data.rows() * 10L);
    model.session(arena, data.rows()).forward(data.features(), outputs);
    int right = 0;
    for (int row = 0; row < data.rows(); row++) {
      int best = 0;
      for (int i = 1; i < 10; i++) {
        best = outputs.get(row * 10L + i) > outputs.get(row * 10L + best) ? i : best;
      }
      right += best == data.label(row) ? 1 : 0;
    }
    return (double) right / data.rows();
  }
}
