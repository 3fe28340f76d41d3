package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.CrossEntropy;
import io.github.lanewise.core.ElementwiseLoss;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Matrix;
import io.github.lanewise.core.PackedMatrix;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Misuse of every public facade ends in a typed exception that names the argument, and in nothing
/// else: the JVM lives, and no array has changed.
class FacadeMisuseTest {
  private static final int N = 37;

  private final Arena arena = Arena.ofConfined();

  static List<Facades.Facade> facades() {
    return Facades.all();
  }

  /// A row of cross-entropy needs a class.
  static List<Facades.Facade> facadesWithoutClasses() {
    return Facades.all().stream()
        .filter(facade -> !facade.name().startsWith("cross-entropy"))
        .toList();
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @MethodSource("facades")
  void aNullIsNamed(Facades.Facade facade) {
    for (int i = 0; i < facade.arrays().size(); i++) {
      FloatArray[] arrays = facade.allocate(arena, N);
      arrays[i] = null;
      NullPointerException refusal =
          assertThrows(NullPointerException.class, () -> facade.call().run(arrays, N));
      assertEquals(facade.arrays().get(i) + " is null", refusal.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void aClosedArrayIsNamedAndNothingIsWritten(Facades.Facade facade) {
    for (int i = 0; i < facade.arrays().size(); i++) {
      FloatArray[] arrays = facade.allocate(arena, N);
      try (Arena closing = Arena.ofConfined()) {
        arrays[i] = FloatArray.of(closing, facade.sample(i, N));
      }
      IllegalStateException refusal =
          assertThrows(IllegalStateException.class, () -> facade.call().run(arrays, N));
      assertMessage(refusal, facade.arrays().get(i) + " is closed");
      assertUnchanged(facade, arrays, i);
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void anotherLengthIsNamedWithBothSizesAndNothingIsWritten(Facades.Facade facade) {
    for (int i = 0; i < facade.arrays().size(); i++) {
      int right = facade.sample(i, N).length;
      for (int wrong : new int[] {0, right - 1, right + 1}) {
        FloatArray[] arrays = facade.allocate(arena, N);
        arrays[i] = FloatArray.allocate(arena, wrong);
        IllegalArgumentException refusal =
            assertThrows(IllegalArgumentException.class, () -> facade.call().run(arrays, N));
        assertMessage(refusal, facade.arrays().get(i) + " has " + wrong);
        assertMessage(refusal, String.valueOf(right));
        assertUnchanged(facade, arrays, i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void overlapWithAnArrayThatIsWrittenIsNamedAndNothingIsWritten(Facades.Facade facade) {
    boolean[] written = written(facade);
    for (int i = 0; i < written.length; i++) {
      for (int j = 0; j < written.length; j++) {
        if (i != j && (written[i] || written[j])) {
          FloatArray[] arrays = facade.allocate(arena, N);
          FloatArray memory = FloatArray.of(arena, Samples.normal(9, 2 * N + 1, 1));
          arrays[i] = memory.slice(0, arrays[i].length());
          arrays[j] = memory.slice(1, arrays[j].length());
          float[] before = memory.toArray();
          IllegalArgumentException refusal =
              assertThrows(
                  IllegalArgumentException.class,
                  () -> facade.call().run(arrays, N),
                  () -> facade + " with overlap");
          assertMessage(refusal, " overlaps ");
          assertMessage(refusal, facade.arrays().get(i));
          assertMessage(refusal, facade.arrays().get(j));
          Verdict.sameBits("refused", before, memory.toArray());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void anotherThreadIsRefusedByAConfinedArena(Facades.Facade facade) throws InterruptedException {
    FloatArray[] arrays = facade.allocate(arena, N);
    Throwable thrown = onAnotherThread(() -> facade.call().run(arrays, N));
    assertInstanceOf(WrongThreadException.class, thrown, facade.toString());
  }

  @ParameterizedTest
  @MethodSource("facadesWithoutClasses")
  void emptyArraysAreLegal(Facades.Facade facade) {
    facade.call().run(facade.allocate(arena, 0), 0);
  }

  @Test
  void productsRefuseWhatDoesNotFit() {
    AuditedCalls.Product p = new AuditedCalls.Product(arena, N);
    Gemm gemm = p.gemm;
    refusedAsNull("a is null", () -> gemm.multiply(null, p.b, p.c, N));
    refusedAsNull("b is null", () -> gemm.multiply(p.a, null, p.c, N));
    refusedAsNull("c is null", () -> gemm.multiplyAdd(p.a, p.b, null, N));
    refusedAsNull("arena is null", () -> Gemm.allocate(null));
    refusedAsNull("source is null", () -> p.b.pack(null, 3, N));
    refused("a has 111 elements", () -> gemm.multiply(p.a, p.b, p.c.slice(0, N), 1));
    refused("c has 1369 elements", () -> gemm.multiply(p.a, p.b, p.c, N + 1));
    refused("c overlaps a", () -> gemm.multiply(p.c.slice(0, 3L * N), p.b, p.c, N));
    refused("source has 111 elements", () -> p.b.pack(p.source, 4, N));
    refused("room for", () -> p.b.pack(FloatArray.allocate(arena, 100 * N), 100, N));
    refused("-1", () -> PackedMatrix.allocate(arena, -1, 2));
    refused("rows", () -> CrossEntropy.OF_LOGITS.lossAndGradient(p.a, new int[] {0}, p.a, 3, N));
    refused("the shape asks for -1", () -> Softmax.forward(p.a, p.a, -1, N));
  }

  @Test
  void productsOfMatricesRefuseWhatDoesNotFit() {
    AuditedCalls.Product p = new AuditedCalls.Product(arena, N);
    Gemm gemm = p.gemm;
    float[] before = p.c.toArray();
    refusedAsNull("a is null", () -> gemm.multiply(null, p.right, p.target));
    refusedAsNull("b is null", () -> gemm.multiplyAdd(p.left, null, p.target));
    refusedAsNull("c is null", () -> gemm.multiply(p.left, p.right, null));
    refused("37 x 3 (a) times 37 x 3 (b)", () -> gemm.multiply(p.left, p.left, p.target));
    refused("does not make 37 x 37", () -> gemm.multiply(p.right, p.left, p.target));
    Matrix within = Matrix.of(p.c, N, 3, N);
    refused("c overlaps a", () -> gemm.multiply(within, p.right, p.target));
    refused("c overlaps b", () -> gemm.multiply(p.left, within.transposed(), p.target));
    Gemm small = Gemm.allocate(arena, N - 1, N, 3);
    refused("not for 37 x 37 with 3", () -> small.multiply(p.left, p.right, p.target));
    refused("not for 37 x 0 with 3", () -> small.multiply(p.a, p.b, p.c, N));
    Gemm packedOnly = Gemm.allocate(arena, N, 0, 3);
    refused("room for products of 37 x 0", () -> packedOnly.multiply(p.left, p.right, p.target));
    refused("2 x -1 with 3 terms", () -> Gemm.allocate(arena, 2, -1, 3));
    Verdict.sameBits("refused", before, p.c.toArray());
  }

  @Test
  void matricesRefuseWhatDoesNotFit() {
    FloatArray x = FloatArray.allocate(arena, 12);
    refusedAsNull("array is null", () -> Matrix.of(null, 3, 4));
    refused("array has 12 elements", () -> Matrix.of(x, 3, 5));
    refused("a matrix of -1 x 4", () -> Matrix.of(x, -1, 4, 4));
    refused("leading dimension of 3", () -> Matrix.of(x, 3, 4, 3));
    refused("takes 14", () -> Matrix.of(x, 3, 4, 5));
    assertEquals("3 x 2 (12 floats)", Matrix.of(x, 3, 2, 5).toString());
    assertEquals("4 x 3, transposed (12 floats)", Matrix.of(x, 3, 4).transposed().toString());
  }

  @Test
  void aClosedProductIsRefused() {
    AuditedCalls.Product closed;
    try (Arena closing = Arena.ofConfined()) {
      closed = new AuditedCalls.Product(closing, N);
    }
    AuditedCalls.Product alive = new AuditedCalls.Product(arena, N);
    assertThrows(IllegalStateException.class, closed::run);
    IllegalStateException b =
        assertThrows(
            IllegalStateException.class, () -> alive.gemm.multiply(alive.a, closed.b, alive.c, N));
    assertMessage(b, "b is closed");
    float[] before = alive.c.toArray();
    IllegalStateException scratch =
        assertThrows(
            IllegalStateException.class, () -> closed.gemm.multiply(alive.a, alive.b, alive.c, N));
    assertMessage(scratch, "the scratch of this Gemm is closed");
    Verdict.sameBits("c", before, alive.c.toArray());
  }

  @Test
  void arraysRefuseWhatDoesNotFit() {
    FloatArray x = FloatArray.of(arena, 1, 2, 3);
    refusedAsNull("arena is null", () -> FloatArray.allocate(null, 3));
    refusedAsNull("values is null", () -> FloatArray.of(arena, (float[]) null));
    refusedAsNull("source is null", () -> x.copyFrom((float[]) null));
    refusedAsNull("source is null", () -> x.copyFrom((FloatArray) null));
    refusedAsNull("target is null", () -> x.copyTo(null));
    refused("length is -1", () -> FloatArray.allocate(arena, -1));
    refused("length is 9223372036854775807", () -> FloatArray.allocate(arena, Long.MAX_VALUE));
    refused("source has 2 elements", () -> x.copyFrom(new float[2]));
    refused("target has 4 elements", () -> x.copyTo(new float[4]));
    for (long wrong : new long[] {-1, 3, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThrows(IndexOutOfBoundsException.class, () -> x.get(wrong));
      assertThrows(IndexOutOfBoundsException.class, () -> x.set(wrong, 1f));
      assertThrows(IndexOutOfBoundsException.class, () -> x.slice(wrong, 1));
    }
    assertThrows(IndexOutOfBoundsException.class, () -> x.slice(2, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> x.slice(0, -1));
    refused("negative", () -> Shape.of(2, -3));
    refused("too many", () -> Shape.of(Long.MAX_VALUE, 2));
    refusedAsNull("sizes is null", () -> Shape.of((long[]) null));
    refused("asks for", () -> new Parameter("p", Shape.of(2, 2), x, FloatArray.allocate(arena, 3)));
    refused("overlaps", () -> new Parameter("p", Shape.of(3), x, x));
    StateDict dict = new StateDict().put("p", Shape.of(3), x);
    assertThrows(RuntimeException.class, () -> dict.put("p", Shape.of(3), x));
    assertThrows(RuntimeException.class, () -> dict.get("q"));
  }

  @Test
  void aClosedArrayIsAnExceptionAndNoCrash() throws InterruptedException {
    FloatArray closed;
    try (Arena closing = Arena.ofConfined()) {
      closed = FloatArray.allocate(closing, 1000);
    }
    assertThrows(IllegalStateException.class, () -> closed.get(0));
    assertThrows(IllegalStateException.class, () -> closed.set(0, 1));
    assertThrows(IllegalStateException.class, () -> closed.fill(1));
    assertThrows(IllegalStateException.class, closed::toArray);
    assertThrows(IllegalStateException.class, () -> closed.copyFrom(new float[1000]));
    assertTrue(closed.toString().contains("closed"), closed.toString());
    FloatArray mine = FloatArray.allocate(arena, 10);
    assertInstanceOf(WrongThreadException.class, onAnotherThread(() -> mine.get(0)));
  }

  @Test
  void activationsRefuseParametersThatMeanNothing() {
    refused("slope is NaN", () -> Activation.leakyRelu(Double.NaN));
    refused("alpha is Infinity", () -> Activation.elu(Double.POSITIVE_INFINITY));
    refused("alpha is 0", () -> Activation.celu(0));
    refused("beta is 0", () -> Activation.softplus(0, 20));
    refused("low is 1", () -> Activation.hardtanh(1, 1));
    refused("lambda is -1", () -> Activation.hardshrink(-1));
    refused("lambda is NaN", () -> Activation.softshrink(Double.NaN));
    refused("'swishy'", () -> Activation.named("swishy"));
  }

  @Test
  void lossesRefuseParametersThatMeanNothing() {
    refused("beta is -0.5, must be", () -> ElementwiseLoss.smoothL1(-0.5));
    refused("beta is NaN, must be", () -> ElementwiseLoss.smoothL1(Double.NaN));
    refused("beta is 1.0E39, must be finite", () -> ElementwiseLoss.smoothL1(1e39));
    refused("delta is 0.0, must be positive", () -> ElementwiseLoss.huber(0));
    refused("delta is 1.0E-50, must be positive", () -> ElementwiseLoss.huber(1e-50));
    refused("delta is Infinity, must be", () -> ElementwiseLoss.huber(Double.POSITIVE_INFINITY));
    refused(
        "positiveWeight is NaN, must be",
        () -> ElementwiseLoss.binaryCrossEntropyWithLogits(Double.NaN));
    refusedAsNull("loss is null", () -> Loss.of((ElementwiseLoss) null));
    refusedAsNull("loss is null", () -> Loss.of((CrossEntropy) null));
  }

  @Test
  void networksAndSessionsRefuseWhatDoesNotFit() throws InterruptedException {
    refused("Linear(0, 2)", () -> Linear.of(0, 2));
    refused("layer 1 does not fit", () -> Sequential.of(Linear.of(2, 3), Linear.of(4, 1)));
    refused("needs a Linear", () -> Sequential.of(Activation.RELU));
    Model model = Sequential.of(Linear.of(2, 3), Activation.TANH).initialize(arena, 1);
    refused("maxBatch is 0", () -> model.inference(arena, 0));
    refusedAsNull("loss is null", () -> model.training(arena, 4, null));
    InferenceSession inference = model.inference(arena, 4);
    FloatArray x = FloatArray.allocate(arena, 4);
    FloatArray y = FloatArray.allocate(arena, 6);
    refusedAsNull("features is null", () -> inference.forward(null, y));
    refusedAsNull("outputs is null", () -> inference.forward(x, null));
    refused("3 elements", () -> inference.forward(x.slice(0, 3), y));
    refused("10 elements", () -> inference.forward(FloatArray.allocate(arena, 10), y));
    assertThrows(
        IllegalArgumentException.class, () -> inference.forward(x, y.slice(0, 5)), "outputs");
    assertInstanceOf(WrongThreadException.class, onAnotherThread(() -> inference.forward(x, y)));

    TrainingSession training = model.training(arena, 4, Loss.crossEntropy());
    assertThrows(IllegalStateException.class, training::backward);
    refused("labels has 1", () -> training.forward(x, new int[] {0}));
    refused("class of row 1 is 3", () -> training.forward(x, new int[] {0, 3}));
    refused("takes classes", () -> training.forward(x, y));
    assertThrows(IllegalStateException.class, training::backward, "after refused calls");
    training.forward(x, new int[] {0, 1});
    refused("gx has 3", () -> training.backward(FloatArray.allocate(arena, 3)));
    training.backward();
    assertThrows(IllegalStateException.class, training::backward, "a second time");
    refused("empty", () -> Optimizer.of(arena, List.of(), AdamConfig.DEFAULT));
  }

  @Test
  void aSessionOfAClosedModelIsRefused() {
    InferenceSession inference;
    TrainingSession training;
    try (Arena closing = Arena.ofConfined()) {
      Model model = Sequential.of(Linear.of(2, 3)).initialize(closing, 1);
      inference = model.inference(closing, 1);
      training = model.training(closing, 1, Loss.crossEntropy());
    }
    FloatArray x = FloatArray.allocate(arena, 2);
    FloatArray y = FloatArray.allocate(arena, 3);
    assertThrows(IllegalStateException.class, () -> inference.forward(x, y));
    assertThrows(IllegalStateException.class, inference::refresh);
    assertThrows(IllegalStateException.class, () -> training.forward(x, new int[] {0}));
  }

  /// Which arrays a call writes. Those that it only reads may overlap as they like.
  private boolean[] written(Facades.Facade facade) {
    FloatArray[] arrays = facade.allocate(arena, N);
    facade.call().run(arrays, N);
    boolean[] written = new boolean[arrays.length];
    boolean any = false;
    for (int i = 0; i < arrays.length; i++) {
      written[i] = !Arrays.equals(facade.sample(i, N), arrays[i].toArray());
      any |= written[i];
    }
    assertTrue(any, () -> facade + " writes nothing");
    return written;
  }

  private static void assertUnchanged(Facades.Facade facade, FloatArray[] arrays, int except) {
    for (int i = 0; i < arrays.length; i++) {
      if (i != except) {
        String what = facade + ", " + facade.arrays().get(i);
        Verdict.sameBits(what, facade.sample(i, N), arrays[i].toArray());
      }
    }
  }

  private static void refused(String part, Executable call) {
    assertMessage(assertThrows(IllegalArgumentException.class, call, part), part);
  }

  private static void refusedAsNull(String message, Executable call) {
    assertMessage(assertThrows(NullPointerException.class, call, message), message);
  }

  private static void assertMessage(Throwable refusal, String part) {
    assertTrue(
        String.valueOf(refusal.getMessage()).contains(part),
        () -> "'" + refusal.getMessage() + "' does not say '" + part + "'");
  }

  private static Throwable onAnotherThread(Executable call) throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              try {
                call.execute();
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    thread.start();
    thread.join();
    return thrown[0];
  }
}
