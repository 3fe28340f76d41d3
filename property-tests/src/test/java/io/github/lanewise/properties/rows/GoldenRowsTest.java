package io.github.lanewise.properties.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.bench.accuracy.Ulps;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.properties.support.GoldenFile;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// PyTorch's softmax, log-softmax and losses.
class GoldenRowsTest {
  /// Of a loss, and of the largest entry of its gradient.
  private static final double LOSS_ERROR = 4e-7;

  private final GoldenFile rows = GoldenFile.read("softmax.safetensors");
  private final GoldenFile losses = GoldenFile.read("losses.safetensors");
  private final Map<String, Object> manifest =
      GoldenFile.object(GoldenFile.manifest().get("losses"));
  private final Arena arena = Arena.ofConfined();
  private final int rowCount = rows.shape("x")[0];
  private final int cols = rows.shape("x")[1];
  private final int lossCols = losses.shape("x")[1];

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void softmaxIsWithin4UlpOfFloat64() {
    FloatArray y = array(rows, "x");
    Softmax.forward(y, y, rowCount, cols);
    double[] exact = rows.doubles("softmax.y_f64");
    for (int i = 0; i < exact.length; i++) {
      Verdict.within(where("softmax", i), y.get(i), exact[i], y.get(i), 4 * Ulps.unit(exact[i]));
    }
  }

  @Test
  void logSoftmaxIsWithin2UlpOfItsSizeOrOne() {
    FloatArray y = array(rows, "x");
    LogSoftmax.forward(y, y, rowCount, cols);
    double[] exact = rows.doubles("log_softmax.y_f64");
    for (int i = 0; i < exact.length; i++) {
      double bound = 2 * Ulps.unit(Math.max(1, Math.abs(exact[i])));
      Verdict.within(where("log-softmax", i), y.get(i), exact[i], y.get(i), bound);
    }
  }

  @Test
  void bothGradientsAreThoseOfFloat64() {
    float[] gy = rows.floats("grad_y");
    FloatArray y = array(rows, "x");
    FloatArray gx = array(rows, "grad_y");
    Softmax.forward(y, y, rowCount, cols);
    Softmax.backward(y, gx, gx, rowCount, cols);
    assertGradient("softmax", gx, gy);
    y.copyFrom(rows.floats("x"));
    gx.copyFrom(gy);
    LogSoftmax.forward(y, y, rowCount, cols);
    LogSoftmax.backward(y, gx, gx, rowCount, cols);
    assertGradient("log_softmax", gx, gy);
  }

  @Test
  void crossEntropyAndItsGradientAreThoseOfFloat64() {
    assertCrossEntropy("cross_entropy", CrossEntropy.OF_LOGITS);
    double smoothing = parameter("cross_entropy_smooth", "label_smoothing");
    assertCrossEntropy(
        "cross_entropy_smooth", CrossEntropy.OF_LOGITS.withLabelSmoothing(smoothing));
  }

  @Test
  void negativeLogLikelihoodOfLogSoftmaxAndItsGradientAreThoseOfFloat64() {
    int[] classes = losses.classes("class");
    FloatArray y = array(losses, "x");
    FloatArray gx = FloatArray.allocate(arena, y.length());
    LogSoftmax.forward(y, y, classes.length, lossCols);
    float loss =
        CrossEntropy.OF_LOG_PROBABILITIES.lossAndGradient(y, classes, gx, classes.length, lossCols);
    LogSoftmax.backward(y, gx, gx, classes.length, lossCols);
    assertLoss("nll_of_log_softmax", loss, gx);
  }

  @Test
  void elementwiseLossesAndTheirGradientsAreThoseOfFloat64() {
    assertElementwise("mse", ElementwiseLoss.MEAN_SQUARED_ERROR, "target");
    assertElementwise("l1", ElementwiseLoss.L1, "target");
    assertElementwise("smooth_l1", ElementwiseLoss.SMOOTH_L1, "target");
    assertElementwise("huber", ElementwiseLoss.huber(parameter("huber", "delta")), "target");
    assertElementwise(
        "bce_with_logits", ElementwiseLoss.BINARY_CROSS_ENTROPY_WITH_LOGITS, "probability");
  }

  @Test
  void lossesAreMeansAndNoLossIsWithoutATest() {
    assertEquals("mean", manifest.get("reduction"));
    Set<String> inFile = new TreeSet<>();
    for (String tensor : losses.names()) {
      if (tensor.endsWith(".loss")) {
        inFile.add(tensor.substring(0, tensor.length() - ".loss".length()));
      }
    }
    Set<String> tested =
        Set.of(
            "bce_with_logits",
            "cross_entropy",
            "cross_entropy_smooth",
            "huber",
            "l1",
            "mse",
            "nll_of_log_softmax",
            "smooth_l1");
    assertEquals(tested, inFile);
  }

  private double parameter(String loss, String name) {
    return GoldenFile.numbers(manifest.get(loss)).get(name);
  }

  private void assertCrossEntropy(String name, CrossEntropy crossEntropy) {
    FloatArray gradient = array(losses, "x");
    int[] classes = losses.classes("class");
    float loss =
        crossEntropy.lossAndGradient(gradient, classes, gradient, classes.length, lossCols);
    assertLoss(name, loss, gradient);
  }

  private void assertElementwise(String name, ElementwiseLoss elementwise, String target) {
    FloatArray gradient = array(losses, "x");
    float loss = elementwise.lossAndGradient(gradient, array(losses, target), gradient);
    assertLoss(name, loss, gradient);
  }

  private void assertLoss(String name, float loss, FloatArray gradient) {
    double exact = losses.doubles(name + ".loss_f64")[0];
    assertEquals(exact, loss, LOSS_ERROR * exact, name);
    double[] gx = losses.doubles(name + ".grad_x_f64");
    double largest = 0;
    for (double g : gx) {
      largest = Math.max(largest, Math.abs(g));
    }
    for (int i = 0; i < gx.length; i++) {
      assertEquals(gx[i], gradient.get(i), LOSS_ERROR * largest, name + " gradient " + i);
    }
  }

  /// A gradient is a difference of products with the sum of a row.
  private void assertGradient(String name, FloatArray gx, float[] gy) {
    double[] exact = rows.doubles(name + ".grad_x_f64");
    for (int row = 0; row < rowCount; row++) {
      double sum = 0;
      for (int i = row * cols; i < (row + 1) * cols; i++) {
        sum += Math.abs(gy[i]);
      }
      for (int i = row * cols; i < (row + 1) * cols; i++) {
        double bound = 0x1p-20 * (Math.abs(gy[i]) + sum);
        Verdict.within(where(name + " gradient", i), gy[i], exact[i], gx.get(i), bound);
      }
    }
  }

  private FloatArray array(GoldenFile file, String name) {
    return FloatArray.of(arena, file.floats(name));
  }

  private String where(String what, int i) {
    return what + " row " + i / cols + " column " + i % cols;
  }
}
