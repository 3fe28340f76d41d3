package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// A facade that may not use one of its arrays names it and writes to none, though all others are
/// open to the calling thread. The facades share one [check][Checks#usable], so a few stand for
/// all.
class FacadesOnAnotherThreadTest {
  private static final int ROWS = 3;
  private static final int COLS = 21;

  interface Call {
    void on(FloatArray[] arrays);
  }

  /// @param names of the arrays, as messages call them
  /// @param lengths of the arrays, in the same order
  record Facade(String name, List<String> names, List<Integer> lengths, Call call) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Facade elementwise(String name, String names, Call call) {
    List<String> split = List.of(names.split(" "));
    return new Facade(name, split, Collections.nCopies(split.size(), ROWS * COLS), call);
  }

  private static Facade of(String name, String names, Call call, Integer... lengths) {
    return new Facade(name, List.of(names.split(" ")), List.of(lengths), call);
  }

  static final List<Facade> FACADES =
      List.of(
          elementwise("tanh", "x y", x -> Activation.TANH.forward(x[0], x[1])),
          elementwise("tanh'", "saved gy gx", x -> Activation.TANH.backward(x[0], x[1], x[2])),
          elementwise("softmax", "x y", x -> Softmax.forward(x[0], x[1], ROWS, COLS)),
          elementwise("softmax'", "y gy gx", x -> Softmax.backward(x[0], x[1], x[2], ROWS, COLS)),
          elementwise(
              "cross-entropy",
              "x gradient",
              x ->
                  CrossEntropy.OF_LOGITS.lossAndGradient(
                      x[0], new int[] {0, 1, 2}, x[1], ROWS, COLS)),
          elementwise(
              "squared error",
              "y target gradient",
              x -> ElementwiseLoss.MEAN_SQUARED_ERROR.lossAndGradient(x[0], x[1], x[2])),
          of("glu", "x y", x -> Glu.forward(x[0], x[1], ROWS, COLS), 2 * ROWS * COLS, ROWS * COLS),
          of(
              "glu'",
              "x gy gx",
              x -> Glu.backward(x[0], x[1], x[2], ROWS, COLS),
              2 * ROWS * COLS,
              ROWS * COLS,
              2 * ROWS * COLS),
          of(
              "prelu",
              "x slope y",
              x -> ParametricRelu.forward(x[0], x[1], x[2], ROWS, COLS),
              ROWS * COLS,
              COLS,
              ROWS * COLS));

  @ParameterizedTest
  @FieldSource("FACADES")
  void namesTheArrayAndWritesNothing(Facade facade) throws InterruptedException {
    for (int foreign = 0; foreign < facade.names.size(); foreign++) {
      try (Arena open = Arena.ofShared();
          Arena confined = Arena.ofConfined()) {
        FloatArray[] arrays = new FloatArray[facade.names.size()];
        for (int k = 0; k < arrays.length; k++) {
          Arena arena = k == foreign ? confined : open;
          arrays[k] = FloatArray.allocate(arena, facade.lengths.get(k)).fill(0.25f + k);
        }
        float[][] before = Stream.of(arrays).map(FloatArray::toArray).toArray(float[][]::new);
        String message = Elsewhere.refused(() -> facade.call.on(arrays)).getMessage();
        String start = facade.names.get(foreign) + " is confined to another thread";
        assertTrue(message.startsWith(start), message);
        for (int k = 0; k < arrays.length; k++) {
          assertArrayEquals(before[k], arrays[k].toArray(), facade.names.get(k));
        }
      }
    }
  }
}
