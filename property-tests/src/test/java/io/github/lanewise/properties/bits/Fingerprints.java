package io.github.lanewise.properties.bits;

import io.github.lanewise.bench.accuracy.Inputs;
import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.PackedMatrix;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.ParametricRelu;
import io.github.lanewise.core.Platform;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.Softmin;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.properties.audit.BatchFacades;
import io.github.lanewise.properties.audit.Facades;
import io.github.lanewise.properties.loss.LossOp;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.update.RuleCases;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// SHA-256 of the results of every kernel, as bits in which every NaN is the same.
///
/// Two sizes: `long` for compiled code, `short` for the interpreter.
public final class Fingerprints {
  private static final int BLOCK = 1 << 12;
  private static final int[] ROW_LENGTHS = {1, 2, 15, 16, 17, 31, 33, 127, 128, 129, 257, 1000};

  private final boolean isLong;
  private final Map<String, String> hashes = new LinkedHashMap<>();

  private Fingerprints(boolean isLong) {
    this.isLong = isLong;
  }

  /// Prints what the JVM runs on, then a line `name hash` per kernel.
  ///
  /// @param arguments `long` or `short`
  public static void main(String[] arguments) {
    System.out.println(Platform.describe());
    all(arguments[0].equals("long")).forEach((name, hash) -> System.out.println(name + " " + hash));
  }

  public static Map<String, String> all(boolean isLong) {
    Fingerprints fingerprints = new Fingerprints(isLong);
    String size = isLong ? "long." : "short.";
    for (Op op : Ops.all()) {
      fingerprints.activation(size + op.name().replace(" ", ""), op);
    }
    fingerprints.rows(size);
    for (LossOp op : LossOp.ALL) {
      fingerprints.loss(size + op.toString().replace(" ", ""), op);
    }
    fingerprints.products(size + "gemm");
    fingerprints.facades(size);
    fingerprints.optimizers(size);
    fingerprints.rulesOfMatrices(size);
    fingerprints.passes(size);
    fingerprints.batches(size);
    fingerprints.rowsOfAPackedLayer(size + "affine_row_packed");
    fingerprints.compactLayers(size + "affine_compact");
    fingerprints.training(size + "training");
    fingerprints.sessions(size + "sessions");
    return fingerprints.hashes;
  }

  private void activation(String name, Op op) {
    Hash forward = new Hash();
    Hash backward = new Hash();
    if (isLong) {
      // So many that the last bit of a polynomial's least coefficient is seen: it may change one
      // result in a million.
      hash(op, Inputs.dense(op.reach()), forward, backward);
      hash(op, op.sample(), forward, backward);
    } else {
      hash(op, Inputs.even(-op.reach(), op.reach(), 501), forward, backward);
    }
    hashes.put(name + ".forward", forward.hex());
    hashes.put(name + ".backward", backward.hex());
  }

  /// The two hashes of one activation, among those of [#all] for compiled code.
  public static Map<String, String> ofActivation(Op op) {
    Fingerprints fingerprints = new Fingerprints(true);
    fingerprints.activation("long." + op.name().replace(" ", ""), op);
    return fingerprints.hashes;
  }

  private static void hash(Op op, float[] inputs, Hash forward, Hash backward) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray all = FloatArray.of(arena, inputs);
      FloatArray gy = FloatArray.of(arena, Samples.normal(1, BLOCK, 1));
      FloatArray result = FloatArray.allocate(arena, BLOCK);
      for (long from = 0; from < all.length(); from += BLOCK) {
        FloatArray x = all.slice(from, Math.min(BLOCK, all.length() - from));
        FloatArray y = result.slice(0, x.length());
        op.activation().forward(x, y);
        forward.add(y);
        FloatArray saved = op.activation().savesOutput() ? y : x;
        op.activation().backward(saved, gy.slice(0, x.length()), y);
        backward.add(y);
      }
    }
  }

  private void rows(String size) {
    Hash softmax = new Hash();
    Hash softmin = new Hash();
    Hash logSoftmax = new Hash();
    Hash crossEntropy = new Hash();
    Hash relu = new Hash();
    Hash glu = new Hash();
    for (int cols : ROW_LENGTHS) {
      if (isLong || cols < 260) {
        int rows = isLong ? 7 : 2;
        try (Arena arena = Arena.ofConfined()) {
          FloatArray x = FloatArray.of(arena, Samples.normal(cols, rows * cols, 20));
          FloatArray gy = FloatArray.of(arena, Samples.normal(cols + 1, rows * cols, 1));
          FloatArray y = FloatArray.allocate(arena, x.length());
          FloatArray gx = FloatArray.allocate(arena, x.length());
          Softmax.forward(x, y, rows, cols);
          Softmax.backward(y, gy, gx, rows, cols);
          softmax.add(y).add(gx);
          Softmin.forward(x, y, rows, cols);
          Softmin.backward(y, gy, gx, rows, cols);
          softmin.add(y).add(gx);
          LogSoftmax.forward(x, y, rows, cols);
          LogSoftmax.backward(y, gy, gx, rows, cols);
          logSoftmax.add(y).add(gx);
          int[] classes = Samples.classes(cols, rows, cols);
          for (CrossEntropy loss : crossEntropies(cols)) {
            crossEntropy.add(loss.lossAndGradient(x, classes, gx, rows, cols)).add(gx);
          }
          parametricRelu(relu, x, gy, rows, cols);
          Glu.forward(x.slice(0, cols * 2L), y.slice(0, cols), 1, cols);
          Glu.backward(x.slice(0, cols * 2L), gy.slice(0, cols), gx.slice(0, cols * 2L), 1, cols);
          glu.add(y.slice(0, cols)).add(gx.slice(0, cols * 2L));
        }
      }
    }
    hashes.put(size + "softmax", softmax.hex());
    hashes.put(size + "softmin", softmin.hex());
    hashes.put(size + "log_softmax", logSoftmax.hex());
    hashes.put(size + "cross_entropy", crossEntropy.hex());
    hashes.put(size + "prelu", relu.hex());
    hashes.put(size + "glu", glu.hex());
  }

  private void loss(String name, LossOp op) {
    Hash hash = new Hash();
    for (int cols : ROW_LENGTHS) {
      if (isLong || cols < 260) {
        int n = (isLong ? 7 : 2) * cols;
        try (Arena arena = Arena.ofConfined()) {
          FloatArray y = FloatArray.of(arena, Samples.normal(cols, n, 20));
          FloatArray target = FloatArray.of(arena, Samples.normal(cols + 1, n, 1));
          FloatArray gradient = FloatArray.allocate(arena, n);
          hash.add(op.loss().lossAndGradient(y, target, gradient)).add(gradient);
        }
      }
    }
    hashes.put(name, hash.hex());
  }

  private static List<CrossEntropy> crossEntropies(int cols) {
    float[] weights = Samples.normal(cols, cols, 1);
    for (int i = 0; i < cols; i++) {
      weights[i] = Math.abs(weights[i]);
    }
    return List.of(
        CrossEntropy.OF_LOGITS,
        CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1),
        CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1).withClassWeights(weights),
        CrossEntropy.OF_LOG_PROBABILITIES.withLabelSmoothing(0.1).withClassWeights(weights));
  }

  private static void parametricRelu(Hash hash, FloatArray x, FloatArray gy, int rows, int cols) {
    try (Arena arena = Arena.ofConfined()) {
      for (int slopes : new int[] {1, cols}) {
        FloatArray slope = FloatArray.of(arena, Samples.normal(slopes, slopes, 1));
        FloatArray y = FloatArray.allocate(arena, x.length());
        ParametricRelu.forward(x, slope, y, rows, cols);
        hash.add(y);
        ParametricRelu.backward(x, slope, gy, y, rows, cols);
        ParametricRelu.addSlopeGradient(x, gy, slope, rows, cols);
        hash.add(y).add(slope);
      }
    }
  }

  private void products(String name) {
    Hash hash = new Hash();
    int[][] sizes = {
      {1, 1, 1}, {3, 5, 7}, {7, 49, 131}, {13, 97, 257}, {33, 17, 129}, {65, 113, 37}
    };
    for (int[] size : sizes) {
      if (isLong || size[0] < 10) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        try (Arena arena = Arena.ofConfined()) {
          FloatArray a = FloatArray.of(arena, Samples.normal(m, m * k, 1));
          FloatArray b = FloatArray.of(arena, Samples.normal(n, k * n, 1));
          FloatArray c = FloatArray.allocate(arena, (long) m * n);
          PackedMatrix packed = PackedMatrix.allocate(arena, k, n).pack(b, k, n);
          Gemm gemm = Gemm.allocate(arena);
          gemm.multiply(a, packed, c, m);
          hash.add(c);
          gemm.multiplyAdd(a, packed, c, m);
          hash.add(c);
          gemm.multiply(a, packed.packTransposed(b, k, n), c, m);
          hash.add(c);
        }
      }
    }
    hashes.put(name, hash.hex());
  }

  /// Every elementwise facade, at every length, over and over.
  private void facades(String size) {
    for (Facades.Facade facade : Facades.all()) {
      Hash hash = new Hash();
      int stride = isLong ? 1 : 23;
      for (int n = stride; n <= (isLong ? 150 : 70); n += stride) {
        try (Arena arena = Arena.ofConfined()) {
          FloatArray[] arrays = facade.allocate(arena, n);
          for (int step = 0; step < (n % 50 == 0 ? 20 : 2); step++) {
            facade.call().run(arrays, n);
          }
          for (FloatArray array : arrays) {
            hash.add(array);
          }
        }
      }
      hashes.put(size + "shapes." + facade.name().replace(' ', '_'), hash.hex());
    }
  }

  /// Every rule with every flag, at many lengths: parameters and states.
  private void optimizers(String size) {
    RuleCases.listed()
        .forEach(
            rule -> {
              Hash hash = new Hash();
              int stride = isLong ? 1 : 23;
              for (int n = stride; n <= (isLong ? 150 : 70); n += stride) {
                optimizer(hash, rule, Passes.NONE, Shape.of(n));
              }
              hashes.put(size + "optimizer." + rule.name().replace(' ', '_'), hash.hex());
            });
  }

  /// The rules that look at whole parameters, which are matrices here, wide and tall ones.
  private void rulesOfMatrices(String size) {
    RuleCases.ofMatrices()
        .forEach(
            rule -> {
              Hash hash = new Hash();
              int stride = isLong ? 1 : 23;
              for (int n = stride; n <= (isLong ? 150 : 70); n += stride) {
                int other = 1 + n * 5 % 23;
                Shape shape = n % 2 == 0 ? Shape.of(n, other) : Shape.of(other, n);
                optimizer(hash, rule, Passes.NONE, shape);
              }
              hashes.put(size + "optimizer." + rule.name(), hash.hex());
            });
  }

  /// Every rule with states and parameters of low precision, a clipped gradient and an average.
  private void passes(String size) {
    List<Passes> precisions =
        List.of(
            Passes.NONE
                .withStatePrecision(StatePrecision.BFLOAT16)
                .withClipValue(1.5)
                .withParameterPrecision(ParameterPrecision.BFLOAT16_COMPENSATED),
            Passes.NONE
                .withStatePrecision(StatePrecision.BLOCK8)
                .withMaxNorm(9)
                .withAveraging(Averaging.exponential(0.9))
                .withParameterPrecision(ParameterPrecision.BFLOAT16_AT_RANDOM));
    RuleCases.listed()
        .forEach(
            rule -> {
              Hash hash = new Hash();
              for (int n : isLong ? new int[] {1, 33, 1300} : new int[] {33}) {
                precisions.forEach(passes -> optimizer(hash, rule, passes, Shape.of(n)));
              }
              hashes.put(size + "passes." + rule.name().replace(' ', '_'), hash.hex());
            });
  }

  private static void optimizer(Hash hash, RuleCases.Case rule, Passes passes, Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      int n = (int) shape.elements();
      FloatArray p = FloatArray.of(arena, Samples.normal(0, n, 1));
      FloatArray g = FloatArray.allocate(arena, n);
      List<Parameter> parameters = List.of(new Parameter("w", shape, p, g));
      Optimizer optimizer = Optimizer.of(arena, parameters, rule.rule(), passes);
      for (Map<String, Double> settings : rule.settings()) {
        settings.forEach(optimizer.groups().getFirst()::set);
        for (int step = 0; step < (n % 50 == 0 ? 20 : 2); step++) {
          g.copyFrom(Samples.normal(step, n, 1));
          optimizer.step();
        }
      }
      hash.add(p);
      StateDict states = optimizer.stateDict(arena);
      states.names().forEach(name -> hash.add(states.get(name).values()));
    }
  }

  /// Every facade on batches: 1 to 70 rows, so whole strips and parts of one; once with more
  /// features than softmax sums in one piece.
  private void batches(String size) {
    for (BatchFacades.Facade facade : BatchFacades.all()) {
      Hash hash = new Hash();
      int stride = isLong ? 1 : 34;
      for (int rows = 1; rows <= (isLong ? 70 : 35); rows += stride) {
        boolean hasManyFeatures = rows == (isLong ? 35 : 1);
        int n = hasManyFeatures ? (isLong ? 300 : 131) : 2 + rows * 7 % 41;
        try (Arena arena = Arena.ofConfined()) {
          BatchFacades.Operands operands = facade.allocate(arena, rows, n);
          for (int step = 0; step < (isLong ? (rows % 35 == 0 ? 20 : 2) : 1); step++) {
            hash.add(facade.call().run(operands));
          }
          for (int i = 0; i < facade.operands().size(); i++) {
            hash.add(operands.values(i));
          }
        }
      }
      hashes.put(size + "batches." + facade.name().replace(' ', '_'), hash.hex());
    }
  }

  /// A single row of a layer whose weight is packed.
  private void rowsOfAPackedLayer(String name) {
    Hash hash = new Hash();
    int stride = isLong ? 1 : 29;
    for (int out = 1; out <= 140; out += stride) {
      int in = 1 + out * 5 % 43;
      try (Arena arena = Arena.ofConfined()) {
        FloatArray weight = FloatArray.of(arena, Samples.normal(out, in * out, 1));
        FloatArray bias = FloatArray.of(arena, Samples.normal(out + 1, out, 1));
        FloatArray x = FloatArray.of(arena, Samples.normal(out + 2, in, 1));
        FloatArray packed = FloatArray.allocate(arena, Affine.packedElements(in, out));
        FloatArray y = FloatArray.allocate(arena, out + (long) Batch.LANES);
        Affine.pack(weight, bias, packed, in, out);
        Affine.forwardPacked(x, packed, y, in, out);
        hash.add(packed).add(y.slice(0, out));
      }
    }
    hashes.put(name, hash.hex());
  }

  /// Weights in bfloat16, for a strip and a part of one, and for a row.
  private void compactLayers(String name) {
    Hash hash = new Hash();
    for (int out = 1; out <= 140; out += isLong ? 3 : 29) {
      int in = 1 + out * 5 % 143;
      try (Arena arena = Arena.ofConfined()) {
        FloatArray weight = FloatArray.of(arena, Samples.normal(out, in * out, 1));
        FloatArray bias = FloatArray.of(arena, Samples.normal(out + 1, out, 1));
        FloatArray rows = FloatArray.of(arena, Samples.normal(out + 2, 40 * in, 1));
        FloatArray compact = FloatArray.allocate(arena, Affine.compactElements(in, out));
        FloatArray y = FloatArray.allocate(arena, out + (long) Batch.LANES);
        FloatArray outputs = FloatArray.allocate(arena, 40L * out);
        Batch x = Batch.allocate(arena, 40, in);
        Batch batch = Batch.allocate(arena, 40, out);
        Affine.packCompact(weight, bias, compact, in, out);
        Affine.forwardCompact(rows, compact, y, in, out);
        x.load(rows, 0);
        Affine.forwardCompact(x, compact, batch);
        batch.store(outputs, 0);
        hash.add(y.slice(0, out)).add(outputs);
      }
    }
    hashes.put(name, hash.hex());
  }

  /// A network with every kind of layer, served and trained with 1 to 70 rows.
  private void sessions(String name) {
    Hash hash = new Hash();
    Sequential network =
        Sequential.of(
            Linear.of(9, 33),
            LayerNorm.of(33),
            Activation.GELU,
            new Dropout(0.3, 5),
            Linear.of(33, 24),
            PRelu.of(24),
            Glu.LAYER,
            PRelu.of(),
            Softmax.LAYER,
            Linear.of(12, 6),
            LogSoftmax.LAYER);
    int most = 70;
    try (Arena arena = Arena.ofConfined()) {
      Model model = network.initialize(arena, 42);
      FloatArray all = FloatArray.of(arena, Samples.normal(1, most * 9, 1));
      TrainingSession training = model.training(arena, most, Loss.negativeLogLikelihood());
      InferenceSession inference = model.inference(arena, most);
      Optimizer adam = Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT);
      for (int rows = 1; rows <= most; rows += isLong ? 1 : 23) {
        FloatArray x = all.slice(0, rows * 9L);
        FloatArray y = FloatArray.allocate(arena, rows * 6L);
        FloatArray gx = FloatArray.allocate(arena, x.length());
        int[] labels = Samples.classes(rows, rows, 6);
        hash.add(training.forward(x, labels));
        adam.zeroGrad();
        training.backward(gx);
        adam.step();
        training.outputs(y);
        hash.add(gx).add(y).add(training.evaluate(x, labels));
        inference.refresh();
        inference.forward(x, y);
        hash.add(y);
      }
      for (Parameter parameter : model.parameters()) {
        hash.add(parameter.value()).add(parameter.gradient());
      }
    }
    hashes.put(name, hash.hex());
  }

  private void training(String name) {
    Hash hash = new Hash();
    try (Arena arena = Arena.ofConfined()) {
      Sequential network =
          Sequential.of(
              Linear.of(9, 33),
              Activation.RELU,
              Linear.of(33, 17),
              Activation.TANH,
              Linear.of(17, 4));
      Model model = network.initialize(arena, 42);
      FloatArray x = FloatArray.of(arena, Samples.normal(1, 21 * 9, 1));
      int[] labels = Samples.classes(2, 21, 4);
      TrainingSession training = model.training(arena, 21, Loss.crossEntropy());
      Optimizer adam = Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT);
      for (int step = 0; step < (isLong ? 100 : 3); step++) {
        hash.add(training.forward(x, labels));
        adam.zeroGrad();
        training.backward();
        adam.step();
      }
      for (Parameter parameter : model.parameters()) {
        hash.add(parameter.value());
      }
    }
    hashes.put(name, hash.hex());
  }

  /// A digest of floats.
  private static final class Hash {
    private final ByteBuffer bytes =
        ByteBuffer.allocate(BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final MessageDigest digest;

    Hash() {
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    Hash add(FloatArray values) {
      return add(values.toArray());
    }

    Hash add(float[] array) {
      for (int from = 0; from < array.length; from += BLOCK) {
        bytes.clear();
        for (int i = from; i < Math.min(array.length, from + BLOCK); i++) {
          bytes.putInt(Float.floatToIntBits(array[i]));
        }
        digest.update(bytes.flip());
      }
      return this;
    }

    Hash add(float value) {
      digest.update(bytes.clear().putInt(Float.floatToIntBits(value)).flip());
      return this;
    }

    String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
