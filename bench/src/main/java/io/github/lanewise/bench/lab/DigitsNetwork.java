package io.github.lanewise.bench.lab;

import io.github.lanewise.bench.data.Digits;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.Batch;
import io.github.lanewise.nn.io.Batches;
import io.github.lanewise.nn.io.DataSet;
import io.github.lanewise.nn.io.FeatureScaling;
import java.lang.foreign.Arena;
import java.util.Iterator;
import java.util.List;

/// A small network that learns digits, drawn ones or those of a file. The loss is that
/// of rows that the network never learns from.
final class DigitsNetwork implements Problem {
  private static final int HIDDEN = 16;
  private static final int BATCH = 32;

  /// More rows than this would be slow to evaluate again and again.
  private static final int TEST_ROWS = 256;

  private static final long SPLIT_SEED = 1;

  private final DataSet training;
  private final DataSet test;
  private final int[] labels;
  private final String source;

  private DigitsNetwork(DataSet data, String source) {
    this.source = source;
    FeatureScaling.fit(data).applyTo(data);
    List<DataSet> parts = data.split(Math.min(TEST_ROWS, data.rows() / 2), SPLIT_SEED);
    training = parts.getFirst();
    test = parts.getLast();
    labels = new int[test.rows()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = test.label(i);
    }
  }

  /// Returns the network on digits that the program draws.
  static DigitsNetwork drawn(Arena arena) {
    return new DigitsNetwork(Digits.test(arena), "drawn by the program");
  }

  /// Returns the network on a file that was read, whose features are then scaled in place.
  static DigitsNetwork of(DataSet data, String file) {
    return new DigitsNetwork(data, "from " + file);
  }

  @Override
  public String key() {
    return "digits";
  }

  @Override
  public String description() {
    return ("digits %s: a network of %d, %d and %d units with relu, %d of %d rows in a step; the"
            + " loss is the cross-entropy of %d rows that are not learned from; weights and order"
            + " of rows by the seed")
        .formatted(
            source,
            training.columns(),
            HIDDEN,
            training.outputs(),
            Math.min(BATCH, training.rows()),
            training.rows(),
            labels.length);
  }

  @Override
  public double target() {
    return 0.5;
  }

  @Override
  public Attempt open(Arena arena, long seed) {
    Sequential network =
        Sequential.of(
            Linear.of(training.columns(), HIDDEN),
            Activation.RELU,
            Linear.of(HIDDEN, training.outputs()));
    return new Network(arena, network.initialize(arena, seed), seed);
  }

  private final class Network implements Attempt {
    private final Model model;
    private final TrainingSession session;
    private final TrainingSession evaluation;
    private final Batches batches;
    private Iterator<Batch> epoch;

    private Network(Arena arena, Model model, long seed) {
      this.model = model;
      int rows = Math.min(BATCH, training.rows());
      session = model.training(arena, rows, Loss.crossEntropy());
      evaluation = model.training(arena, labels.length, Loss.crossEntropy());
      batches = Batches.of(arena, training, rows, seed);
      epoch = batches.iterator();
    }

    @Override
    public List<Parameter> parameters() {
      return model.parameters();
    }

    @Override
    public void gradient() {
      if (!epoch.hasNext()) {
        epoch = batches.iterator();
      }
      Batch next = epoch.next();
      session.forward(next.features(), next.labels());
      model.parameters().forEach(each -> each.gradient().fill(0f));
      session.backward();
    }

    @Override
    public double loss() {
      return evaluation.evaluate(test.features(), labels);
    }
  }
}
