package io.github.lanewise.nn;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.ParameterSpec;
import io.github.lanewise.core.ServedLayer;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;

/// The layers of a network, each by itself, with as few features as run the same loops: what a
/// [Warmer] runs first.
final class Parts {
  /// Inputs of a linear layer: the turns of its innermost loop.
  private static final int FEW_INPUTS = 32;

  /// Outputs of a linear layer that serves single rows, beyond which a loop has more turns only.
  private static final int FEW_OUTPUTS = 128;

  /// From so many features on, a call of an activation is a long one, whose loop has a profile of
  /// its own.
  private static final int LONG_ROW = 128;

  /// Features of a long row of an activation: HotSpot counts turns, so that with few of them its
  /// loop would be compiled long after those of the linear layers.
  private static final int MANY_FEATURES = 512;

  /// Features of a strip: enough for [io.github.lanewise.core.Batch#LANES] of them to count as a
  /// long call on every vector width.
  private static final int FEW_FEATURES = 8;

  private final Arena arena;
  private final Warmer warmer;
  private final WeightPrecision precision;
  private final SplittableRandom random = new SplittableRandom(1);

  /// Equal layers have equal loops.
  private final Set<List<Object>> added = new HashSet<>();

  Parts(Arena arena, Warmer warmer, WeightPrecision precision) {
    this.arena = arena;
    this.warmer = warmer;
    this.precision = precision;
  }

  /// Adds the layers as they serve single rows.
  void addRows(Sequential network) {
    int width = network.inputs();
    for (Layer layer : network.layers()) {
      Layer few = few(layer, FEW_OUTPUTS);
      int in = rowFeatures(few, width);
      if (added.add(List.of("row", few, in))) {
        ServedLayer served = ServedModel.serve(few, in, arena, precision);
        served.load(values(few));
        if (served.takesRow()) {
          FloatArray x = row(in);
          FloatArray y = row(few.outputs(in));
          warmer.part(() -> served.forwardRow(x, y));
        } else {
          addServed(served, batch(1, in), batch(1, few.outputs(in)));
        }
      }
      width = layer.outputs(width);
    }
  }

  /// Adds the layers as they serve strips, and the way in and out of a strip.
  void addStrips(Sequential network) {
    addTransposes(network.inputs());
    addTransposes(network.outputs());
    int width = network.inputs();
    for (Layer layer : network.layers()) {
      Layer few = few(layer, FEW_FEATURES);
      int in = fewFeatures(few, width);
      if (added.add(List.of("strip", few, in))) {
        ServedLayer served = ServedModel.serve(few, in, arena, precision);
        served.load(values(few));
        addServed(served, batch(Batch.LANES, in), batch(Batch.LANES, few.outputs(in)));
      }
      width = layer.outputs(width);
    }
  }

  /// Adds the layers as they are trained.
  void addTraining(Sequential network) {
    addTransposes(network.inputs());
    int width = network.inputs();
    for (Layer layer : network.layers()) {
      Layer few = few(layer, FEW_FEATURES);
      int in = fewFeatures(few, width);
      if (added.add(List.of("training", few, in))) {
        addTrained(few, in);
      }
      width = layer.outputs(width);
    }
  }

  private void addTrained(Layer layer, int in) {
    int out = layer.outputs(in);
    List<FloatArray> values = values(layer);
    List<FloatArray> gradients = values(layer);
    Batch x = batch(Batch.LANES, in);
    Batch y = batch(Batch.LANES, out);
    Batch gy = batch(Batch.LANES, out);
    Batch gx = batch(Batch.LANES, in);
    warmer.part(() -> layer.forwardInTraining(x, values, y));
    warmer.part(() -> layer.backward(x, y, gy, values, gradients, gx));
  }

  private void addServed(ServedLayer served, Batch x, Batch y) {
    warmer.part(() -> served.forward(x, y));
  }

  /// Adds the copies of rows to a strip and back, which differ by the width of a row.
  private void addTransposes(int width) {
    int few = width < 2 * FEW_INPUTS ? width : FEW_INPUTS + width % FEW_INPUTS;
    if (added.add(List.of("transpose", few))) {
      Batch batch = batch(Batch.LANES, few);
      FloatArray rows = FloatArray.allocate(arena, (long) Batch.LANES * few);
      warmer.part(() -> batch.load(rows, 0));
      warmer.part(() -> batch.store(rows, 0));
    }
  }

  /// Returns a linear layer with fewer features; any other one as it is.
  private static Layer few(Layer layer, int outputs) {
    if (!(layer instanceof Linear linear)) {
      return layer;
    }
    int out = linear.out() < 2 * outputs ? linear.out() : outputs + linear.out() % outputs;
    return new Linear(Math.min(linear.in(), FEW_INPUTS), out, linear.initializer());
  }

  /// Returns how many features of a single row a layer is given that would get `width`.
  private static int rowFeatures(Layer layer, int width) {
    if (layer instanceof Linear linear) {
      return linear.in();
    }
    return layer instanceof Activation && width >= LONG_ROW ? MANY_FEATURES : width;
  }

  /// Returns how many features a layer is given that would get `width`: few, if it takes any number
  /// of them.
  private static int fewFeatures(Layer layer, int width) {
    OptionalInt fixed = layer.inputs(OptionalInt.empty());
    if (fixed.isPresent()) {
      return fixed.getAsInt();
    }
    try {
      layer.outputs(FEW_FEATURES);
      return Math.min(width, FEW_FEATURES);
    } catch (IllegalArgumentException e) {
      return width;
    }
  }

  private List<FloatArray> values(Layer layer) {
    List<FloatArray> values = new ArrayList<>();
    for (ParameterSpec spec : layer.parameters()) {
      FloatArray value = FloatArray.allocate(arena, spec.shape().elements());
      spec.initializer().fill(value, random);
      values.add(value);
    }
    return values;
  }

  private FloatArray row(int features) {
    long padded = (features + Batch.LANES - 1L) / Batch.LANES * Batch.LANES;
    return FloatArray.allocate(arena, padded).fill(0.5f);
  }

  private Batch batch(int rows, int features) {
    Batch batch = Batch.allocate(arena, rows, features);
    batch.array().fill(0.5f);
    return batch;
  }
}
