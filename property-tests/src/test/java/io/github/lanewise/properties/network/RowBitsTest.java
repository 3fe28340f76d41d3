package io.github.lanewise.properties.network;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.LayerNormalization;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/// A row has the same bits alone and in any batch, on every path through a layer or a session.
class RowBitsTest {
  private static final int MOST_ROWS = 70;

  /// Networks that together have every kind of layer, at every place.
  private static final List<Sequential> NETWORKS =
      List.of(
          Sequential.of(Linear.of(7, 5)),
          Sequential.of(Linear.of(20, 70), Activation.RELU, Linear.of(70, 33), Activation.TANH),
          Sequential.of(
              LayerNorm.of(12),
              Linear.of(12, 40),
              Activation.GELU,
              Dropout.of(3),
              Linear.of(40, 26),
              PRelu.of(26),
              Glu.LAYER,
              PRelu.of(),
              LayerNorm.of(13),
              Softmax.LAYER,
              Linear.of(13, 9),
              LogSoftmax.LAYER),
          Sequential.of(PRelu.of(6), Glu.LAYER, Softmax.LAYER),
          Sequential.of(Dropout.of(3), LayerNorm.of(4), LogSoftmax.LAYER, Linear.of(4, 130)));

  @Provide
  static Arbitrary<Sequential> networks() {
    return Arbitraries.of(NETWORKS);
  }

  /// From below a tile to beyond panels of 32 outputs.
  @Property(tries = 400)
  void everyElementOfAnAffineMapIsOneChainOnEveryPath(
      @ForAll @IntRange(min = 1, max = 90) int in,
      @ForAll @IntRange(min = 1, max = 140) int out,
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, rows * in, 1);
    float[] w = Samples.normal(seed + 1, in * out, 1);
    float[] b = Samples.normal(seed + 2, out, 1);
    float[] expected = new float[rows * out];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = b[i % out];
      for (int l = 0; l < in; l++) {
        expected[i] = Math.fma(x[i / out * in + l], w[i % out * in + l], expected[i]);
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      FloatArray features = FloatArray.of(arena, x);
      FloatArray weight = FloatArray.of(arena, w);
      FloatArray bias = FloatArray.of(arena, b);
      FloatArray packed = FloatArray.allocate(arena, Affine.packedElements(in, out));
      packed.fill(Float.NaN);
      Affine.pack(weight, bias, packed, in, out);
      Batch input = Batch.allocate(arena, rows, in);
      Batch y = Batch.allocate(arena, rows, out);
      input.load(features, 0);
      y.array().fill(Float.NaN);
      Affine.forward(input, weight, bias, y);
      Verdict.sameBits("strips", expected, rows(y));
      y.array().fill(Float.NaN);
      Affine.forwardPacked(input, packed, y);
      Verdict.sameBits("packed strips", expected, rows(y));
      FloatArray row = FloatArray.allocate(arena, (out + 31L) / 32 * 32);
      row.fill(Float.NaN);
      int last = rows - 1;
      Affine.forwardPacked(features.slice((long) last * in, in), packed, row, in, out);
      float[] ofLast = Arrays.copyOfRange(expected, last * out, rows * out);
      Verdict.sameBits("packed row", ofLast, row.slice(0, out).toArray());
    }
  }

  /// To beyond 128 outputs, whose biases are added up at once.
  @Property(tries = 300)
  void everyElementOfAGradientOfAnAffineMapIsOneChain(
      @ForAll @IntRange(min = 1, max = 90) int in,
      @ForAll @IntRange(min = 1, max = 140) int out,
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll boolean computed,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, rows * in, 1);
    float[] w = Samples.normal(seed + 1, in * out, 1);
    float[] gy = Samples.normal(seed + 2, rows * out, 1);
    float[] gw = Samples.normal(seed + 3, in * out, 1);
    float[] gb = Samples.normal(seed + 4, out, 1);
    try (Arena arena = Arena.ofConfined()) {
      Batch input = Batch.allocate(arena, rows, in);
      Batch gradient = Batch.allocate(arena, rows, out);
      Batch gx = Batch.allocate(arena, rows, in);
      input.load(FloatArray.of(arena, x), 0);
      gradient.load(FloatArray.of(arena, gy), 0);
      gx.array().fill(Float.NaN);
      if (computed) {
        input.set(rows - 1, in - 1, 3);
        x[x.length - 1] = 3;
      }
      FloatArray gWeight = FloatArray.of(arena, gw);
      FloatArray gBias = FloatArray.of(arena, gb);
      Affine.backward(gradient, FloatArray.of(arena, w), gx);
      Affine.addGradients(input, gradient, gWeight, gBias);
      float[] expected = new float[rows * in];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < out; j++) {
          gb[j] += gy[i * out + j];
          for (int l = 0; l < in; l++) {
            float g = gy[i * out + j];
            gw[j * in + l] = Math.fma(g, x[i * in + l], gw[j * in + l]);
            expected[i * in + l] = Math.fma(g, w[j * in + l], expected[i * in + l]);
          }
        }
      }
      Verdict.sameBits("gx", expected, rows(gx));
      Verdict.sameBits("gWeight", gw, gWeight.toArray());
      Verdict.sameBits("gBias", gb, gBias.toArray());
    }
  }

  @Property(tries = 100)
  void aRowOfLayerNormAndItsGradientDependOnNoOther(
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll long seed) {
    float[] x = Samples.normal(seed, rows * n, 2);
    float[] gy = Samples.normal(seed + 1, rows * n, 2);
    float[][] together = normalized(x, gy, rows, n);
    for (int row = 0; row < rows; row += 1 + rows / 5) {
      float[] oneX = Arrays.copyOfRange(x, row * n, (row + 1) * n);
      float[] oneGy = Arrays.copyOfRange(gy, row * n, (row + 1) * n);
      float[][] alone = normalized(oneX, oneGy, 1, n);
      for (int i = 0; i < 2; i++) {
        float[] inBatch = Arrays.copyOfRange(together[i], row * n, (row + 1) * n);
        Verdict.sameBits("row " + row + " of " + rows, inBatch, alone[i]);
      }
    }
  }

  /// What forward and backward write.
  private static float[][] normalized(float[] x, float[] gy, int rows, int n) {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray weight = FloatArray.of(arena, Samples.normal(1, n, 1));
      FloatArray bias = FloatArray.of(arena, Samples.normal(2, n, 1));
      Batch input = Batch.allocate(arena, rows, n);
      Batch gradient = Batch.allocate(arena, rows, n);
      Batch y = Batch.allocate(arena, rows, n);
      Batch gx = Batch.allocate(arena, rows, n);
      input.load(FloatArray.of(arena, x), 0);
      gradient.load(FloatArray.of(arena, gy), 0);
      LayerNormalization.forward(input, weight, bias, 1e-5f, y);
      LayerNormalization.backward(input, weight, gradient, 1e-5f, gx);
      return new float[][] {rows(y), rows(gx)};
    }
  }

  @Property(tries = 120)
  void aRowAloneHasTheBitsOfTheRowInAnyBatchOfAnySession(
      @ForAll("networks") Sequential network,
      @ForAll @IntRange(min = 1, max = MOST_ROWS) int rows,
      @ForAll long seed) {
    int in = network.inputs();
    int out = network.outputs();
    float[] x = Samples.normal(seed, rows * in, 1);
    try (Arena arena = Arena.ofConfined()) {
      Model model = network.initialize(arena, seed);
      FloatArray features = FloatArray.of(arena, x);
      InferenceSession single = model.inference(arena, 1);
      FloatArray expected = FloatArray.allocate(arena, (long) rows * out);
      for (long row = 0; row < rows; row++) {
        single.forward(features.slice(row * in, in), expected.slice(row * out, out));
      }
      float[] bits = expected.toArray();
      String what = network + ", " + rows + " rows, ";
      ServedModel served = model.serve(arena);
      ServedModel loaded = network.serve(arena, model.stateDict());
      assertEveryCall(what + "inference", model.inference(arena, rows), features, bits, rows);
      assertEveryCall(what + "served", served.session(arena, MOST_ROWS), features, bits, rows);
      assertEveryCall(what + "shared", served.session(arena, rows + 5), features, bits, rows);
      assertEveryCall(what + "loaded", loaded.session(arena, rows), features, bits, rows);
      TrainingSession training = model.training(arena, rows, Loss.meanSquaredError());
      FloatArray y = FloatArray.allocate(arena, bits.length);
      training.evaluate(features, y);
      training.outputs(y);
      Verdict.sameBits(what + "evaluated", bits, y.toArray());
    }
  }

  /// Requires the bits of all rows of all ways to call a session, and of their first rows.
  private static void assertEveryCall(
      String what, InferenceSession session, FloatArray features, float[] bits, int rows) {
    try (Arena arena = Arena.ofConfined()) {
      assertEveryCall(what, session, features, bits, rows, arena);
    }
  }

  private static void assertEveryCall(
      String what,
      InferenceSession session,
      FloatArray features,
      float[] bits,
      int rows,
      Arena arena) {
    FloatArray y = FloatArray.allocate(arena, bits.length).fill(Float.NaN);
    session.forward(features, y);
    Verdict.sameBits(what + ", arrays", bits, y.toArray());
    float[] heap = new float[bits.length];
    session.forward(features.toArray(), heap);
    Verdict.sameBits(what + ", float[]", bits, heap);
    int out = bits.length / rows;
    for (int count : new int[] {1, (rows + 1) / 2, rows}) {
      float[] first = Arrays.copyOf(bits, bits.length);
      Arrays.fill(first, count * out, first.length, 77);
      y.fill(77);
      session.forward(features, y, count);
      Verdict.sameBits(what + ", arrays, first " + count, first, y.toArray());
      Arrays.fill(heap, 77);
      session.forward(features.toArray(), heap, count);
      Verdict.sameBits(what + ", float[], first " + count, first, heap);
    }
  }

  @Example
  void everyKindOfLayerIsInANetwork() {
    for (Class<?> kind :
        List.of(
            Linear.class,
            LayerNorm.class,
            Dropout.class,
            PRelu.class,
            Glu.class,
            Softmax.class,
            LogSoftmax.class,
            Activation.class)) {
      boolean found =
          NETWORKS.stream().flatMap(n -> n.layers().stream()).anyMatch(kind::isInstance);
      if (!found) {
        throw new AssertionError("no network has a " + kind);
      }
    }
  }

  private static float[] rows(Batch batch) {
    float[] values = new float[batch.rows() * batch.features()];
    for (int i = 0; i < values.length; i++) {
      values[i] = batch.get(i / batch.features(), i % batch.features());
    }
    return values;
  }
}
