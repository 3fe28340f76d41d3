package io.github.lanewise.nn;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ServedLayer;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Objects;

/// A model that answers: rows of features in, rows of outputs out, on the caller's thread.
///
/// **Parameters.** A session of a [ServedModel] answers with its parameters, which never change. A
/// session that [Model#inference] has made answers with a snapshot of the model, taken when the
/// session is made and again by each [#refresh]. Whatever happens to the model in between, such as
/// a step of training or the loading of a file, its answers do not change.
///
/// **Threads.** A session serves one call at a time. A call that comes while another is inside is
/// refused with an [IllegalStateException]: give each thread a session of its own. Any number of
/// sessions of a model run side by side.
///
/// **Memory.** Room for 32 rows of the two widest layers, from the arena. A call allocates nothing
/// once it is compiled, whatever its number of rows. The bits of a row do not depend on the other
/// rows of its call.
public final class InferenceSession {
  /// From this many rows on a strip is faster than the rows one by one.
  private static final int FEWEST_LANES = 12;

  private final Exclusive exclusive = new Exclusive();
  private final int maxBatch;
  private final int inputs;
  private final int outputs;

  /// What is [refreshed][#refresh] from; null for a session of a served model.
  private final List<List<FloatArray>> followed;

  /// The snapshot that answers.
  private ServedModel answering;

  /// What the next refresh fills; null for a session of a served model.
  private ServedModel refreshing;

  /// What each layer reads, and, last, what comes out: a strip, and a single row.
  private final Batch[] strips;

  private final FloatArray[] rows;

  /// Rows that are on the heap pass through these, a strip at a time.
  private final FloatArray stagedFeatures;

  private final FloatArray stagedOutputs;

  /// Whether a call of so many rows runs some of them one by one.
  static boolean hasSingleRows(int rows) {
    int last = rows % Batch.LANES;
    return last > 0 && last < FEWEST_LANES;
  }

  /// Whether a call of so many rows runs strips.
  static boolean hasStrips(int rows) {
    return rows >= FEWEST_LANES;
  }

  private InferenceSession(
      List<List<FloatArray>> followed,
      ServedModel answering,
      ServedModel refreshing,
      Arena arena,
      int maxBatch) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch is " + maxBatch + ", must be at least 1");
    }
    Sequential network = answering.network();
    Widths widths = new Widths(network);
    this.maxBatch = maxBatch;
    this.inputs = network.inputs();
    this.outputs = network.outputs();
    this.followed = followed;
    this.answering = answering;
    this.refreshing = refreshing;
    int lanes = Math.min(maxBatch, Batch.LANES);
    this.strips = widths.inTurns(arena, null, lanes);
    this.rows = widths.rows(arena);
    this.stagedFeatures = FloatArray.allocate(arena, (long) lanes * inputs);
    this.stagedOutputs = FloatArray.allocate(arena, (long) lanes * outputs);
  }

  /// Returns a session with a snapshot of its own.
  static InferenceSession following(Model model, Arena arena, int maxBatch) {
    return new InferenceSession(
        Model.perLayer(model.network(), model.parameters().stream().map(Parameter::value).toList()),
        model.serve(arena),
        ServedModel.allocate(model.network(), arena, WeightPrecision.FLOAT32),
        arena,
        maxBatch);
  }

  static InferenceSession sharing(ServedModel served, Arena arena, int maxBatch) {
    return new InferenceSession(null, served, null, arena, maxBatch);
  }

  /// Overwrites `outputs` with the model's outputs for `features`.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`, such as a logit for each class
  /// @throws IllegalArgumentException if the sizes do not fit, or `outputs` overlaps `features`;
  ///     nothing is written then
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void forward(FloatArray features, FloatArray outputs) {
    Objects.requireNonNull(features, "features is null");
    Objects.requireNonNull(outputs, "outputs is null");
    exclusive.enter();
    try {
      int count = rowsOf(features.length());
      requireOutputs(outputs.length(), count);
      run(features, outputs, count);
    } finally {
      exclusive.leave();
    }
  }

  /// Overwrites the first rows of `outputs` with the model's outputs for the first rows of
  /// `features`.
  ///
  /// @param features at least `[count, inputs]`
  /// @param outputs at least `[count, outputs]`
  /// @param count the number of rows, from 1 to `maxBatch`
  /// @throws IllegalArgumentException if the sizes do not fit, or `outputs` overlaps `features`;
  ///     nothing is written then
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void forward(FloatArray features, FloatArray outputs, int count) {
    Objects.requireNonNull(features, "features is null");
    Objects.requireNonNull(outputs, "outputs is null");
    exclusive.enter();
    try {
      requireRoom(features.length(), outputs.length(), count);
      run(features, outputs, count);
    } finally {
      exclusive.leave();
    }
  }

  /// Overwrites `outputs` with the model's outputs for `features`.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`
  /// @throws IllegalArgumentException if the sizes do not fit; nothing is written then
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void forward(float[] features, float[] outputs) {
    Objects.requireNonNull(features, "features is null");
    Objects.requireNonNull(outputs, "outputs is null");
    int count = rowsOf(features.length);
    requireOutputs(outputs.length, count);
    forward(features, outputs, count);
  }

  /// Overwrites the first rows of `outputs` with the model's outputs for the first rows of
  /// `features`.
  ///
  /// @param features at least `[count, inputs]`
  /// @param outputs at least `[count, outputs]`
  /// @param count the number of rows, from 1 to `maxBatch`
  /// @throws IllegalArgumentException if the sizes do not fit; nothing is written then
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void forward(float[] features, float[] outputs, int count) {
    Objects.requireNonNull(features, "features is null");
    Objects.requireNonNull(outputs, "outputs is null");
    exclusive.enter();
    try {
      requireRoom(features.length, outputs.length, count);
      requireOpen();
      for (int first = 0, n; first < count; first += n) {
        n = Math.min(Batch.LANES, count - first);
        stagedFeatures.copyRange(features, first * inputs, 0, n * inputs);
        strip(stagedFeatures, stagedOutputs, 0, n);
        stagedOutputs.copyRangeTo(0, outputs, first * this.outputs, n * this.outputs);
      }
    } finally {
      exclusive.leave();
    }
  }

  /// Takes a new snapshot of the model's parameters, with which later calls answer.
  ///
  /// If that fails, the session goes on answering from the snapshot it had.
  ///
  /// @throws UnsupportedOperationException if this is a session of a [ServedModel]
  /// @throws IllegalStateException if another call is inside this session, or an arena is closed
  public void refresh() {
    if (followed == null) {
      throw new UnsupportedOperationException(
          "this session answers with a served model, which does not change: serve another one");
    }
    exclusive.enter();
    try {
      refreshing.load(followed);
      ServedModel filled = refreshing;
      refreshing = answering;
      answering = filled;
    } finally {
      exclusive.leave();
    }
  }

  private void run(FloatArray features, FloatArray outputs, int count) {
    if (features.overlaps(outputs)) {
      throw new IllegalArgumentException("outputs overlaps features");
    }
    features.requireUsable("features");
    outputs.requireUsable("outputs");
    requireOpen();
    for (int first = 0, n; first < count; first += n) {
      n = Math.min(Batch.LANES, count - first);
      strip(features, outputs, first, n);
    }
  }

  /// Answers `n` rows, at most as many as a strip has.
  private void strip(FloatArray features, FloatArray outputs, int first, int n) {
    List<ServedLayer> layers = answering.layers();
    if (n < FEWEST_LANES) {
      for (int i = 0; i < n; i++) {
        row(layers, features, outputs, first + i);
      }
      return;
    }
    strips[0].resize(n, 0);
    strips[0].load(features, first);
    for (int i = 0; i < layers.size(); i++) {
      strips[i + 1].resize(n, 0);
      layers.get(i).forward(strips[i], strips[i + 1]);
    }
    strips[layers.size()].store(outputs, first);
  }

  private void row(List<ServedLayer> layers, FloatArray features, FloatArray outputs, int row) {
    rows[0].copyRange(features, (long) row * inputs, 0, inputs);
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).takesRow()) {
        layers.get(i).forwardRow(rows[i], rows[i + 1]);
      } else {
        rowInStrip(layers.get(i), i);
      }
    }
    outputs.copyRange(rows[layers.size()], 0, (long) row * this.outputs, this.outputs);
  }

  /// Runs a layer that takes batches only on a batch of one row.
  private void rowInStrip(ServedLayer layer, int at) {
    Batch x = strips[at];
    Batch y = strips[at + 1];
    x.resize(1, 0);
    y.resize(1, 0);
    for (int i = 0; i < x.features(); i++) {
      x.set(0, i, rows[at].get(i));
    }
    layer.forward(x, y);
    for (int i = 0; i < y.features(); i++) {
      rows[at + 1].set(i, y.get(0, i));
    }
  }

  /// Throws, before anything is written, what a layer would throw after rows have been answered.
  private void requireOpen() {
    stagedFeatures.requireUsable("the scratch of this session");
    answering.requireUsable();
  }

  private int rowsOf(long elements) {
    long count = elements / inputs;
    if (count * inputs != elements || count < 1 || count > maxBatch) {
      throw new IllegalArgumentException(
          "features has %d elements, not 1 to %d rows of %d".formatted(elements, maxBatch, inputs));
    }
    return (int) count;
  }

  private void requireOutputs(long elements, int count) {
    if (elements != (long) count * outputs) {
      throw new IllegalArgumentException(
          "outputs has %d elements, %d rows of %d are needed".formatted(elements, count, outputs));
    }
  }

  private void requireRoom(long featureElements, long outputElements, int count) {
    if (count < 1 || count > maxBatch) {
      throw new IllegalArgumentException("count is " + count + ", not from 1 to " + maxBatch);
    }
    if (featureElements < (long) count * inputs || outputElements < (long) count * outputs) {
      throw new IllegalArgumentException(
          "features has %d elements and outputs %d, %d rows of %d and of %d are needed"
              .formatted(featureElements, outputElements, count, inputs, outputs));
    }
  }
}
