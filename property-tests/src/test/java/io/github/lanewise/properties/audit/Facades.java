package io.github.lanewise.properties.audit;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Glu;
import io.github.lanewise.core.LogSoftmax;
import io.github.lanewise.core.ParametricRelu;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.Softmin;
import io.github.lanewise.properties.loss.LossOp;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// Every public method that computes on arrays alone, as a call on arrays of `n` elements.
///
/// Misuse tests hand it wrong arrays, the allocation audit calls it over and over, and the
/// fingerprints hash what it writes. [AuditCompletenessTest] finds a method that is missing.
public final class Facades {
  private Facades() {}

  /// What a call does with the arrays it is given.
  @FunctionalInterface
  public interface Call {
    void run(FloatArray[] arrays, int n);
  }

  /// A call and the names of its arrays; each has `n` elements, or twice as many.
  public record Facade(String name, List<String> arrays, List<Integer> factors, Call call) {
    /// Arrays of normally distributed values.
    public FloatArray[] allocate(Arena arena, int n) {
      FloatArray[] allocated = new FloatArray[arrays.size()];
      for (int i = 0; i < allocated.length; i++) {
        allocated[i] = FloatArray.of(arena, sample(i, n));
      }
      return allocated;
    }

    /// What array `i` of `n` elements holds before the call.
    float[] sample(int i, int n) {
      return Samples.normal(i, factors.get(i) * n, 1);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  public static List<Facade> all() {
    List<Facade> facades = new ArrayList<>();
    for (Activation activation : Activation.defaults()) {
      facades.add(facade(activation + " forward", "x y", (a, n) -> activation.forward(a[0], a[1])));
      facades.add(
          facade(
              activation + " backward",
              "saved gy gx",
              (a, n) -> activation.backward(a[0], a[1], a[2])));
    }
    addRows(facades);
    addLosses(facades);
    addParametricRelu(facades);
    return facades;
  }

  private static void addRows(List<Facade> facades) {
    facades.add(facade("softmax forward", "x y", (a, n) -> Softmax.forward(a[0], a[1], 1, n)));
    facades.add(
        facade("softmax backward", "y gy gx", (a, n) -> Softmax.backward(a[0], a[1], a[2], 1, n)));
    facades.add(facade("softmin forward", "x y", (a, n) -> Softmin.forward(a[0], a[1], 1, n)));
    facades.add(
        facade("softmin backward", "y gy gx", (a, n) -> Softmin.backward(a[0], a[1], a[2], 1, n)));
    facades.add(
        facade("log-softmax forward", "x y", (a, n) -> LogSoftmax.forward(a[0], a[1], 1, n)));
    facades.add(
        facade(
            "log-softmax backward",
            "y gy gx",
            (a, n) -> LogSoftmax.backward(a[0], a[1], a[2], 1, n)));
    addRowsOfOne(facades);
    facades.add(facade("glu forward", "2x y", (a, n) -> Glu.forward(a[0], a[1], 1, n)));
    facades.add(
        facade("glu backward", "2x gy 2gx", (a, n) -> Glu.backward(a[0], a[1], a[2], 1, n)));
  }

  /// Rows that are worked on together, in scratch.
  private static void addRowsOfOne(List<Facade> facades) {
    facades.add(
        facade("softmax forward of rows of 1", "x y", (a, n) -> Softmax.forward(a[0], a[1], n, 1)));
    facades.add(
        facade(
            "softmax backward of rows of 1",
            "y gy gx",
            (a, n) -> Softmax.backward(a[0], a[1], a[2], n, 1)));
    facades.add(
        facade(
            "log-softmax forward of rows of 1",
            "x y",
            (a, n) -> LogSoftmax.forward(a[0], a[1], n, 1)));
    facades.add(
        facade(
            "log-softmax backward of rows of 1",
            "y gy gx",
            (a, n) -> LogSoftmax.backward(a[0], a[1], a[2], n, 1)));
  }

  private static void addLosses(List<Facade> facades) {
    addCrossEntropy(facades, "", CrossEntropy.OF_LOGITS);
    addCrossEntropy(facades, " smoothed", CrossEntropy.OF_LOGITS.withLabelSmoothing(0.1));
    addCrossEntropy(
        facades,
        " of log-probabilities",
        CrossEntropy.OF_LOG_PROBABILITIES.withLabelSmoothing(0.1));
    for (LossOp op : LossOp.ALL) {
      facades.add(
          facade(
              op.toString(),
              "y target gradient",
              (a, n) -> op.loss().lossAndGradient(a[0], a[1], a[2])));
    }
  }

  private static void addCrossEntropy(List<Facade> facades, String kind, CrossEntropy loss) {
    int[] classes = {0};
    facades.add(
        facade(
            "cross-entropy" + kind,
            "x gradient",
            (a, n) -> loss.lossAndGradient(a[0], classes, a[1], 1, n)));
  }

  private static void addParametricRelu(List<Facade> facades) {
    facades.add(
        facade(
            "prelu forward",
            "x slope y",
            (a, n) -> ParametricRelu.forward(a[0], a[1], a[2], 1, n)));
    facades.add(
        facade(
            "prelu backward",
            "x slope gy gx",
            (a, n) -> ParametricRelu.backward(a[0], a[1], a[2], a[3], 1, n)));
    facades.add(
        facade(
            "prelu slope",
            "x gy gSlope",
            (a, n) -> ParametricRelu.addSlopeGradient(a[0], a[1], a[2], 1, n)));
  }

  /// @param arrays their names; a 2 in front of a name says that it has twice as many elements
  private static Facade facade(String name, String arrays, Call call) {
    List<String> names = new ArrayList<>();
    List<Integer> factors = new ArrayList<>();
    for (String array : arrays.split(" ", -1)) {
      boolean isDouble = array.startsWith("2");
      names.add(isDouble ? array.substring(1) : array);
      factors.add(isDouble ? 2 : 1);
    }
    return new Facade(name, names, factors, call);
  }
}
