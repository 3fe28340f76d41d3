package io.github.lanewise.bench.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.optim.rule.Rules;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A training that is stopped and goes on from its checkpoint ends with the bits of one that is
/// not, whatever the optimizer and the schedule, and wherever it stops.
final class TrainerTest {
  private static final int EPOCHS = 4;
  private static final int STEPS_PER_EPOCH = 5;
  private static final Map<String, String> SETTINGS = Map.of("--seed", "3");

  @TempDir Path directory;

  static Stream<Arguments> everyOptimizerWithASchedule() {
    List<String> schedules = List.of("constant", "linear", "cosine", "warmup_cosine", "one_cycle");
    List<Arguments> all = new ArrayList<>();
    for (int i = 0; i < Rules.NAMES.size(); i++) {
      all.add(Arguments.of(Rules.NAMES.get(i), schedules.get(i % schedules.size())));
    }
    for (String schedule : schedules) {
      all.add(Arguments.of("adam", schedule));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("everyOptimizerWithASchedule")
  void goesOnBitForBit(String optimizer, String schedule) throws FileException {
    LearningOptions learning = new LearningOptions();
    learning.optimizer = optimizer;
    learning.schedule = schedule;
    learning.momentum = optimizer.equals("sgd") ? 0.9 : 0;
    learning.clip = 0.5;
    List<int[]> whole = new ArrayList<>();
    List<Double> losses = run(learning, -1, true, whole);
    for (int stop : new int[] {0, 3, STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH - 1}) {
      List<int[]> resumed = new ArrayList<>();
      run(learning, stop, true, resumed);
      assertTrue(resumed.isEmpty());
      assertEquals(losses, run(learning, -1, false, resumed), "losses after step " + stop);
      for (int i = 0; i < whole.size(); i++) {
        assertArrayEquals(whole.get(i), resumed.get(i), "parameter " + i + ", step " + stop);
      }
    }
    assertFalse(whole.isEmpty());
  }

  /// Trains from the beginning or from the checkpoint, and stops after so many steps if that is no
  /// negative number. At the end it adds the bits of the parameters, and returns all losses.
  private List<Double> run(
      LearningOptions learning, int stop, boolean isFirst, List<int[]> parameters)
      throws FileException {
    Path file = directory.resolve("checkpoint");
    try (Arena arena = Arena.ofConfined()) {
      List<DataSet> parts = data(arena).split(8, 1);
      Model model = Networks.of(List.of(3, 8, 6, 2), Activation.TANH, 0.3, 7).initialize(arena, 5);
      Trainer.Course course = new Trainer.Course(learning, Loss.crossEntropy(), 8, EPOCHS, 0, 3);
      Trainer trainer = new Trainer(arena, model, parts.getFirst(), parts.getLast(), course);
      if (!isFirst) {
        trainer.resume(file, SETTINGS);
      }
      int[] calls = {0};
      trainer.keep(file, SETTINGS, () -> calls[0]++ == stop);
      Progress progress = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);
      progress.plan(EPOCHS, parts.getFirst().rows());
      boolean finished = trainer.run(progress);
      assertEquals(stop < 0, finished);
      if (finished) {
        for (Parameter parameter : model.parameters()) {
          parameters.add(bits(parameter.value()));
        }
      }
      List<Double> losses = new ArrayList<>(trainer.state().losses());
      losses.addAll(trainer.state().validationLosses());
      return losses;
    }
  }

  private static int[] bits(FloatArray values) {
    int[] bits = new int[(int) values.length()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values.get(i));
    }
    return bits;
  }

  /// Points on both sides of a plane; the last batch of an epoch is smaller than the others.
  private static DataSet data(Arena arena) {
    int rows = STEPS_PER_EPOCH * 8 - 3 + 8;
    FloatArray features = FloatArray.allocate(arena, 3L * rows);
    int[] labels = new int[rows];
    SplittableRandom random = new SplittableRandom(11);
    for (int row = 0; row < rows; row++) {
      float sum = 0;
      for (int i = 0; i < 3; i++) {
        float value = (float) random.nextDouble(-1, 1);
        features.set(3L * row + i, value);
        sum += value;
      }
      labels[row] = sum > 0 ? 1 : 0;
    }
    return DataSet.of(features, 3, labels);
  }
}
