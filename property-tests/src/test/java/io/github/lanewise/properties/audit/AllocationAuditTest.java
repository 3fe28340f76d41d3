package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.optim.Adam;
import io.github.lanewise.properties.support.ForkedJvm;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// No call allocates once it is compiled, neither in a JVM that has run every other kernel before
/// nor in one that runs no other.
///
/// A vector that C2 cannot keep in a register becomes an object, so that bytes per call are the
/// measure of whether a kernel is still vectorised.
class AllocationAuditTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Calls whose bytes are counted.
  private static final int CALLS = 200;

  /// The compilers work in the background, and share two cores with other tests.
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /// Many vectors and a rest, so that both ways through a kernel are compiled.
  private static final int N = 300;

  /// A call under audit.
  private record Audited(String name, Runnable call) {}

  @Test
  void noKernelAllocatesAfterAllOthersHaveRun() {
    try (Arena arena = Arena.ofConfined()) {
      pollute(arena);
      List<Audited> audited = new ArrayList<>();
      for (Facades.Facade facade : Facades.all()) {
        FloatArray[] arrays = facade.allocate(arena, N);
        audited.add(new Audited(facade.name(), () -> facade.call().run(arrays, N)));
      }
      assertNoneAllocates(audited);
    }
  }

  /// The longest bodies; the profile `exhaustive` takes all.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "elu backward",
        "gelu backward",
        "mish backward",
        "softmax forward",
        "log-softmax forward",
        "log-softmax backward",
        "log-softmax backward of rows of 1",
        "cross-entropy smoothed",
        "binary_cross_entropy_with_logits"
      })
  void aKernelOfALongBodyAllocatesNothingWhereItRunsAlone(String name) throws Exception {
    assertAllocatesNothingAlone(name);
  }

  @ParameterizedTest
  @MethodSource("facadeNames")
  @Tag("exhaustive")
  void noKernelAllocatesWhereItRunsAlone(String name) throws Exception {
    assertAllocatesNothingAlone(name);
  }

  static List<String> facadeNames() {
    return Facades.all().stream().map(Facades.Facade::name).toList();
  }

  /// A service that embeds one network runs few kernels, and with few elements: what C2 then
  /// compiles first, and copies into what, differs from a JVM that runs many.
  private static void assertAllocatesNothingAlone(String name) throws Exception {
    ForkedJvm.Outcome outcome = ForkedJvm.run(List.of(ForkedJvm.VECTOR_MODULE), Alone.class, name);
    assertEquals(0, outcome.exitCode(), outcome::text);
    assertTrue(outcome.lines().contains(name + " of 4096: 0 bytes"), outcome::text);
  }

  /// Runs one facade, with few elements first; exit code 1 if it allocates once it is compiled.
  static final class Alone {
    /// C2 compiles callers after what they call, and may then copy it into them.
    private static final long SETTLING_NANOS = 500_000_000L;

    private Alone() {}

    public static void main(String[] arguments) {
      String name = arguments[0];
      Facades.Facade facade =
          Facades.all().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
      try (Arena arena = Arena.ofConfined()) {
        for (int n : new int[] {10, 16, 300, 4096}) {
          FloatArray[] arrays = facade.allocate(arena, n);
          Runnable call = () -> facade.call().run(arrays, n);
          long settled = System.nanoTime() + SETTLING_NANOS;
          while (System.nanoTime() < settled) {
            call.run();
          }
          long bytes = bytesPerCallsOnceCompiled(call);
          System.out.println(name + " of " + n + ": " + bytes + " bytes");
          if (bytes != 0) {
            System.exit(1);
          }
        }
      }
    }
  }

  @Test
  void aSingleRowPredictionAllocatesNothingAfterEveryKernelHasRun() {
    try (Arena arena = Arena.ofConfined()) {
      pollute(arena);
      Sequential network = Sequential.of(Linear.of(64, 128), Activation.RELU, Linear.of(128, 10));
      InferenceSession session = network.initialize(arena, 1).inference(arena, 1);
      FloatArray row = FloatArray.of(arena, Samples.normal(1, 64, 1));
      FloatArray logits = FloatArray.allocate(arena, 10);
      assertNoneAllocates(
          List.of(new Audited("InferenceSession.forward", () -> session.forward(row, logits))));
    }
  }

  @Test
  void noProductAndNoTrainingStepAllocates() {
    try (Arena arena = Arena.ofConfined()) {
      pollute(arena);
      List<Audited> audited = new ArrayList<>();
      Facades.Product product = new Facades.Product(arena, 61);
      audited.add(new Audited("products", product::run));
      addSessions(audited, arena);
      assertNoneAllocates(audited);
    }
  }

  @Test
  void aVectorThatBecomesAnObjectIsCaught() {
    FloatVector[] escaped = new FloatVector[1];
    long fewest = Long.MAX_VALUE;
    for (int i = 0; i < 100; i++) {
      fewest =
          Math.min(
              fewest,
              bytes(
                  () -> escaped[0] = FloatVector.broadcast(FloatVector.SPECIES_PREFERRED, CALLS),
                  CALLS));
    }
    assertTrue(fewest > 0, "the canary sang: the audit would not notice a boxing kernel");
  }

  @Test
  void aSingleAllocationIsSeen() {
    Object[] sink = new Object[1];
    assertTrue(bytes(() -> sink[0] = new int[3], 1) > 0, "an array of 3 ints was not seen");
  }

  /// Calls every kernel in random order with 1 to 16 elements.
  private static void pollute(Arena arena) {
    SplittableRandom random = new SplittableRandom(20251);
    List<Facades.Facade> facades = Facades.all();
    for (int i = 0; i < 20 * facades.size(); i++) {
      Facades.Facade facade = facades.get(random.nextInt(facades.size()));
      int n = random.nextInt(1, 17);
      FloatArray[] arrays = facade.allocate(arena, n);
      for (int call = 0; call < 20; call++) {
        facade.call().run(arrays, n);
      }
    }
  }

  private static void assertNoneAllocates(List<Audited> audited) {
    List<String> allocating = new ArrayList<>();
    for (Audited call : audited) {
      long bytes = bytesPerCallsOnceCompiled(call.call());
      if (bytes != 0) {
        allocating.add(call.name() + ": " + (double) bytes / CALLS + " bytes per call");
      }
    }
    assertEquals(List.of(), allocating);
  }

  private static Model model(Arena arena) {
    return Sequential.of(
            Linear.of(20, 70),
            Activation.RELU,
            Linear.of(70, 30),
            Activation.TANH,
            Linear.of(30, 5))
        .initialize(arena, 1);
  }

  private static void addSessions(List<Audited> audited, Arena arena) {
    Model model = model(arena);
    FloatArray x = FloatArray.of(arena, Samples.normal(1, 8 * 20, 1));
    InferenceSession inference = model.inference(arena, 8);
    FloatArray outputs = FloatArray.allocate(arena, 8 * 5);
    audited.add(
        new Audited("InferenceSession.forward, a batch", () -> inference.forward(x, outputs)));
    int[] labels = Samples.classes(1, 8, 5);
    TrainingSession training = model.training(arena, 8, Loss.crossEntropy());
    Adam adam = Adam.of(arena, model.parameters());
    audited.add(
        new Audited(
            "TrainingSession and Adam, a step",
            () -> {
              training.forward(x, labels);
              adam.zeroGrad();
              training.backward();
              adam.step();
            }));
    TrainingSession regression = model.training(arena, 8, Loss.meanSquaredError());
    audited.add(
        new Audited(
            "TrainingSession, mean squared error",
            () -> {
              regression.forward(x, outputs);
              regression.backward();
            }));
  }

  /// Runs until some calls allocate nothing, or patience ends; returns the bytes of the last ones.
  private static long bytesPerCallsOnceCompiled(Runnable call) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long bytes;
    do {
      bytes = bytes(call, CALLS);
    } while (bytes != 0 && System.nanoTime() < deadline);
    return bytes;
  }

  private static long bytes(Runnable call, int calls) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
