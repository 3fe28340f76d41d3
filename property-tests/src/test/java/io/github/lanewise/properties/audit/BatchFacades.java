package io.github.lanewise.properties.audit;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.DropoutMask;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.Layer;
import io.github.lanewise.core.LayerNormalization;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.ParametricRelu;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.properties.loss.LossOp;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Every public method that computes on batches, as a call on batches of any number of rows and
/// features. Used as [Facades] is.
public final class BatchFacades {
  private BatchFacades() {}

  /// What a call does with its operands; returns a loss, or 0.
  @FunctionalInterface
  public interface Call {
    float run(Operands operands);
  }

  /// A call that returns nothing.
  @FunctionalInterface
  private interface Action {
    void run(Operands operands);
  }

  /// An argument: a batch or an array. Its size is `n`, `2n`, `m`, `nm`, `packed` or 1, where n is
  /// the number of features that go in and m that of those that come out.
  public record Operand(String name, boolean isBatch, String size) {
    public int elements(int n) {
      return switch (size) {
        case "n" -> n;
        case "2n" -> 2 * n;
        case "m" -> outputs(n);
        case "nm" -> n * outputs(n);
        case "packed" -> (int) Affine.packedElements(n, outputs(n));
        default -> 1;
      };
    }
  }

  /// The number of outputs where it differs from that of the inputs.
  public static int outputs(int n) {
    return n / 2 + 3;
  }

  /// The arguments of a call, in order: where one is a batch, its array is null, and the other way
  /// round.
  public static final class Operands {
    private final Batch[] batches;
    private final FloatArray[] arrays;
    private final int[] classes;

    private Operands(Batch[] batches, FloatArray[] arrays, int[] classes) {
      this.batches = batches;
      this.arrays = arrays;
      this.classes = classes;
    }

    /// The same arguments, of which some can be exchanged.
    Operands copy() {
      return new Operands(batches.clone(), arrays.clone(), classes);
    }

    /// Exchanges argument `i`: one of both is null, or both are.
    void set(int i, Batch batch, FloatArray array) {
      batches[i] = batch;
      arrays[i] = array;
    }

    Batch batch(int i) {
      return batches[i];
    }

    FloatArray array(int i) {
      return arrays[i];
    }

    /// What argument `i` holds: of a batch its rows alone, one after the other.
    public float[] values(int i) {
      if (batches[i] == null) {
        return arrays[i].toArray();
      }
      Batch batch = batches[i];
      float[] values = new float[batch.rows() * batch.features()];
      for (int j = 0; j < values.length; j++) {
        values[j] = batch.get(j / batch.features(), j % batch.features());
      }
      return values;
    }
  }

  /// A call and its operands.
  public record Facade(String name, List<Operand> operands, Call call) {
    /// Operands of normally distributed values.
    public Operands allocate(Arena arena, int rows, int n) {
      Operands allocated =
          new Operands(
              new Batch[operands.size()],
              new FloatArray[operands.size()],
              Samples.classes(1, rows, n));
      for (int i = 0; i < operands.size(); i++) {
        fill(allocated, i, arena, rows, operands.get(i).elements(n));
      }
      return allocated;
    }

    /// Gives argument `i` another size, or another arena.
    void fill(Operands allocated, int i, Arena arena, int rows, int elements) {
      if (operands.get(i).isBatch()) {
        allocated.batches[i] = Batch.allocate(arena, rows, elements);
        allocated.batches[i].resize(rows, 5);
        float[] values = Samples.normal(i, rows * elements, 1);
        allocated.batches[i].load(FloatArray.of(arena, values), 0);
      } else {
        allocated.arrays[i] = FloatArray.of(arena, Samples.normal(i, elements, 1));
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  public static List<Facade> all() {
    List<Facade> facades = new ArrayList<>();
    addAffine(facades);
    addLayer(facades, Activation.GELU, "n", "n", true, false);
    addLayer(facades, Activation.TANH, "n", "n", false, true);
    addLayer(facades, Softmax.LAYER, "n", "n", false, true);
    addLayer(facades, LogSoftmax.LAYER, "n", "n", false, true);
    addLayer(facades, Glu.LAYER, "2n", "n", true, false);
    addParametricRelu(facades, "n");
    addParametricRelu(facades, "1");
    addNormalization(facades);
    addLosses(facades);
    return facades;
  }

  private static void addAffine(List<Facade> facades) {
    add(
        facades,
        "affine forward",
        "x[n] weight(nm) bias(m) y[m]",
        o -> Affine.forward(o.batch(0), o.array(1), o.array(2), o.batch(3)));
    add(
        facades,
        "affine backward",
        "gy[m] weight(nm) gx[n]",
        o -> Affine.backward(o.batch(0), o.array(1), o.batch(2)));
    add(
        facades,
        "affine gradients",
        "x[n] gy[m] gWeight(nm) gBias(m)",
        o -> Affine.addGradients(o.batch(0), o.batch(1), o.array(2), o.array(3)));
    add(
        facades,
        "affine gradients of computed rows",
        "x[n] gy[m] gWeight(nm) gBias(m)",
        o -> {
          // A batch that was resized no longer has the rows that it was loaded from.
          if (o.batch(0) != null) {
            o.batch(0).resize(o.batch(0).rows(), 5);
          }
          Affine.addGradients(o.batch(0), o.batch(1), o.array(2), o.array(3));
        });
    add(
        facades,
        "affine forward packed",
        "x[n] packed(packed) y[m]",
        o -> Affine.forwardPacked(o.batch(0), o.array(1), o.batch(2)));
  }

  /// @param savesInput whether backward reads x
  /// @param savesOutput whether backward reads y
  private static void addLayer(
      List<Facade> facades,
      Layer layer,
      String inputs,
      String outputs,
      boolean savesInput,
      boolean savesOutput) {
    add(
        facades,
        layer + " layer forward",
        "x[%s] y[%s]".formatted(inputs, outputs),
        o -> layer.forward(o.batch(0), List.of(), o.batch(1)));
    String saved = savesInput ? "x[" + inputs + "]" : "y[" + outputs + "]";
    add(
        facades,
        layer + " layer backward",
        "%s gy[%s] gx[%s]".formatted(saved, outputs, inputs),
        o ->
            layer.backward(
                savesInput ? o.batch(0) : null,
                savesOutput ? o.batch(0) : null,
                o.batch(1),
                List.of(),
                List.of(),
                o.batch(2)));
  }

  private static void addParametricRelu(List<Facade> facades, String slopes) {
    String of = slopes.equals("1") ? " of a batch, one slope" : " of a batch";
    add(
        facades,
        "prelu forward" + of,
        "x[n] slope(%s) y[n]".formatted(slopes),
        o -> ParametricRelu.forward(o.batch(0), o.array(1), o.batch(2)));
    add(
        facades,
        "prelu backward" + of,
        "x[n] slope(%s) gy[n] gx[n]".formatted(slopes),
        o -> ParametricRelu.backward(o.batch(0), o.array(1), o.batch(2), o.batch(3)));
    add(
        facades,
        "prelu slope" + of,
        "x[n] gy[n] gSlope(%s)".formatted(slopes),
        o -> ParametricRelu.addSlopeGradient(o.batch(0), o.batch(1), o.array(2)));
  }

  private static void addNormalization(List<Facade> facades) {
    add(
        facades,
        "layer norm forward",
        "x[n] weight(n) bias(n) y[n]",
        o -> LayerNormalization.forward(o.batch(0), o.array(1), o.array(2), 1e-5f, o.batch(3)));
    add(
        facades,
        "layer norm backward",
        "x[n] weight(n) gy[n] gx[n]",
        o -> LayerNormalization.backward(o.batch(0), o.array(1), o.batch(2), 1e-5f, o.batch(3)));
    add(
        facades,
        "layer norm gradients",
        "x[n] gy[n] gWeight(n) gBias(n)",
        o ->
            LayerNormalization.addGradients(o.batch(0), o.batch(1), 1e-5f, o.array(2), o.array(3)));
    add(facades, "dropout", "x[n] y[n]", o -> DropoutMask.apply(o.batch(0), o.batch(1), 0.4, 7));
  }

  private static void addLosses(List<Facade> facades) {
    addCrossEntropy(facades, "", CrossEntropy.OF_LOGITS);
    addCrossEntropy(facades, ", smoothed", CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1));
    addCrossEntropy(
        facades,
        ", of log-probabilities",
        CrossEntropy.OF_LOG_PROBABILITIES.withLabelSmoothing(0.1).withIgnoredClass(0));
    for (LossOp op : LossOp.ALL) {
      facades.add(
          facade(
              op + " of a batch",
              "y[n] target[n] gradient[n]",
              o -> op.loss().lossAndGradient(o.batch(0), o.batch(1), o.batch(2))));
    }
  }

  private static void addCrossEntropy(List<Facade> facades, String kind, CrossEntropy loss) {
    facades.add(
        facade(
            "cross-entropy of a batch" + kind,
            "x[n] gradient[n]",
            o -> loss.lossAndGradient(o.batch(0), o.classes, o.batch(1))));
  }

  private static void add(List<Facade> facades, String name, String operands, Action action) {
    facades.add(
        facade(
            name,
            operands,
            o -> {
              action.run(o);
              return 0;
            }));
  }

  /// @param operands their names and sizes: `[n]` for a batch of n features, `(n)` for an array
  private static Facade facade(String name, String operands, Call call) {
    List<Operand> parsed = new ArrayList<>();
    for (String operand : operands.split(" ", -1)) {
      boolean isBatch = operand.endsWith("]");
      int open = operand.indexOf(isBatch ? '[' : '(');
      String size = operand.substring(open + 1, operand.length() - 1);
      parsed.add(new Operand(operand.substring(0, open), isBatch, size));
    }
    return new Facade(name, parsed, call);
  }
}
