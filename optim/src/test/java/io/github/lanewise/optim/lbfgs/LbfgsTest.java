package io.github.lanewise.optim.lbfgs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.optim.lbfgs.LbfgsConfig.LineSearch;
import io.github.lanewise.optim.schedule.ExponentialLr;
import io.github.lanewise.optim.schedule.Scheduler;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LbfgsTest {
  private static final long SEED = 5;

  private static final LbfgsConfig SMALL =
      LbfgsConfig.DEFAULT.withMaxIter(3).withHistorySize(4).withTolerances(0, 0);

  private static Parameter parameter(Arena arena, String name, float... values) {
    FloatArray value = FloatArray.of(arena, values);
    return new Parameter(
        name, Shape.of(values.length), value, FloatArray.allocate(arena, values.length));
  }

  /// Two parameters in one slab and a third elsewhere, with random values.
  private static List<Parameter> model(Arena arena, long seed) {
    FloatArray values = FloatArray.allocate(arena, 51 + 5);
    FloatArray gradients = FloatArray.allocate(arena, values.length());
    List<Parameter> parameters = new ArrayList<>();
    parameters.add(
        new Parameter("0.weight", Shape.of(17, 3), values.slice(0, 51), gradients.slice(0, 51)));
    parameters.add(
        new Parameter("0.bias", Shape.of(5), values.slice(51, 5), gradients.slice(51, 5)));
    parameters.add(parameter(arena, "1.weight", new float[23]));
    Random random = new Random(seed);
    for (Parameter parameter : parameters) {
      for (long i = 0; i < parameter.value().length(); i++) {
        parameter.value().set(i, (float) random.nextGaussian());
      }
    }
    return parameters;
  }

  /// The sum of x^4 / 4 + x^2 / 2 - c x, where c differs from element to element.
  private static DoubleSupplier bowl(List<Parameter> parameters) {
    return () -> {
      double loss = 0;
      int k = 0;
      for (int p = 0; p < parameters.size(); p++) {
        FloatArray x = parameters.get(p).value();
        for (long i = 0; i < x.length(); i++) {
          double v = x.get(i);
          double c = (k++ % 7 - 3) / 2.0;
          loss += v * v * v * v / 4 + v * v / 2 - c * v;
          parameters.get(p).gradient().set(i, (float) (v * v * v + v - c));
        }
      }
      return loss;
    };
  }

  @ParameterizedTest
  @EnumSource(LineSearch.class)
  void aRunSavedAtAnyStepResumesBitForBit(LineSearch search) {
    LbfgsConfig config = SMALL.withLineSearch(search).withLearningRate(0.4);
    for (int savedAfter = 0; savedAfter <= 5; savedAfter++) {
      try (Arena arena = Arena.ofConfined()) {
        List<Parameter> straight = model(arena, SEED);
        Lbfgs first = Lbfgs.of(arena, straight, config);
        run(first, straight, savedAfter);
        StateDict saved = copy(arena, first.stateDict());
        List<Parameter> resumed = model(arena, SEED);
        Lbfgs second = Lbfgs.of(arena, resumed, config);
        run(second, resumed, 2); // something to be replaced
        for (int i = 0; i < resumed.size(); i++) {
          resumed.get(i).value().copyFrom(straight.get(i).value());
        }
        second.loadStateDict(saved);
        assertEquals(first.functionEvaluations(), second.functionEvaluations());
        run(first, straight, 3);
        run(second, resumed, 3);
        requireSame(values(straight), values(resumed));
        requireSame(arrays(first.stateDict()), arrays(second.stateDict()));
        assertEquals(first.stateDict().names(), second.stateDict().names());
        assertEquals(first.iterations(), second.iterations());
      }
    }
  }

  @Test
  void loadingItsOwnStateChangesNothing() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = model(arena, SEED);
      Lbfgs optimizer = Lbfgs.of(arena, parameters, SMALL.withLearningRate(0.4));
      run(optimizer, parameters, 4);
      List<float[]> before = arrays(optimizer.stateDict());
      optimizer.loadStateDict(optimizer.stateDict());
      requireSame(before, arrays(optimizer.stateDict()));
    }
  }

  @Test
  void theStateHasPyTorchsNames() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = List.of(parameter(arena, "w", 1.5f, -2f));
      Lbfgs optimizer = Lbfgs.of(arena, parameters, SMALL.withLearningRate(0.1).withMaxEval(9));
      assertEquals(List.of(), List.copyOf(optimizer.stateDict().names()));
      run(optimizer, parameters, 1);
      assertEquals(
          List.of(
              "w.func_evals",
              "w.n_iter",
              "w.t",
              "w.H_diag",
              "w.d",
              "w.prev_flat_grad",
              "w.old_dirs.0",
              "w.old_stps.0",
              "w.ro.0",
              "w.old_dirs.1",
              "w.old_stps.1",
              "w.ro.1"),
          List.copyOf(optimizer.stateDict().names()));
      assertEquals(3, optimizer.stateDict().get("w.n_iter").values().get(0));
    }
  }

  @ParameterizedTest
  @EnumSource(LineSearch.class)
  void oneSlabGoesTheSameWayAsParametersApart(LineSearch search) {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> together = model(arena, SEED);
      List<Parameter> apart = new ArrayList<>();
      for (Parameter p : together) {
        apart.add(parameter(arena, p.name(), p.value().toArray()));
      }
      LbfgsConfig config = SMALL.withLineSearch(search).withLearningRate(0.4);
      run(Lbfgs.of(arena, together, config), together, 4);
      run(Lbfgs.of(arena, apart, config), apart, 4);
      requireSame(values(together), values(apart));
    }
  }

  @ParameterizedTest
  @EnumSource(LineSearch.class)
  void aLossThatIsNotFiniteAtAnyEvaluationLeavesNoTrace(LineSearch search) {
    LbfgsConfig config = SMALL.withLineSearch(search).withLearningRate(0.4);
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      for (int after = 0; after < 3; after++) {
        int at = after;
        requireNoTrace(
            config,
            "the loss is " + bad + ", must be finite",
            (loss, call, parameters) -> call == at ? bad : loss);
        requireNoTrace(
            config,
            "the gradient has an element of size NaN, must be finite",
            (loss, call, parameters) -> {
              if (call == at) {
                parameters.getLast().gradient().set(3, Float.NaN);
              }
              return loss;
            });
      }
    }
    requireNoTrace(
        config,
        "the loss is Infinity, must be finite",
        (loss, call, parameters) -> call == 0 ? Double.POSITIVE_INFINITY : loss);
  }

  @Test
  void aClosureThatThrowsLeavesNoTrace() {
    for (int after = 0; after < 3; after++) {
      int at = after;
      requireNoTrace(
          SMALL.withLearningRate(0.4),
          "by the closure",
          (loss, call, parameters) -> {
            if (call == at) {
              throw new ArithmeticException("by the closure");
            }
            return loss;
          });
    }
  }

  /// What a closure does to the loss at a call of a step, counted from 0.
  private interface Fault {
    double of(double loss, int call, List<Parameter> parameters);
  }

  /// A step with a fault throws, and then both a run with it and one without go the same way.
  private static void requireNoTrace(LbfgsConfig config, String message, Fault fault) {
    for (int steps = 0; steps < 4; steps++) {
      try (Arena arena = Arena.ofConfined()) {
        List<Parameter> parameters = model(arena, SEED);
        List<Parameter> twins = model(arena, SEED);
        Lbfgs optimizer = Lbfgs.of(arena, parameters, config);
        Lbfgs twin = Lbfgs.of(arena, twins, config);
        run(optimizer, parameters, steps);
        run(twin, twins, steps);
        DoubleSupplier closure = bowl(parameters);
        int[] calls = {0};
        ArithmeticException thrown =
            assertThrows(
                ArithmeticException.class,
                () ->
                    optimizer.step(() -> fault.of(closure.getAsDouble(), calls[0]++, parameters)));
        assertEquals(message, thrown.getMessage());
        requireSame(values(twins), values(parameters));
        requireSame(arrays(twin.stateDict()), arrays(optimizer.stateDict()));
        assertEquals(twin.functionEvaluations(), optimizer.functionEvaluations());
        run(optimizer, parameters, 2);
        run(twin, twins, 2);
        requireSame(values(twins), values(parameters));
      }
    }
  }

  /// x - log x, which is infinite from 0 down, where the first step of length 20 leads.
  @Test
  void theLineSearchComesBackFromALossOfInfinity() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter x = parameter(arena, "x", 4f);
      LbfgsConfig config =
          LbfgsConfig.DEFAULT.withLineSearch(LineSearch.STRONG_WOLFE).withLearningRate(20);
      Lbfgs optimizer = Lbfgs.of(arena, List.of(x), config);
      int[] infinite = {0};
      DoubleSupplier barrier =
          () -> {
            double v = x.value().get(0);
            x.gradient().set(0, (float) (1 - 1 / v));
            infinite[0] += v <= 0 ? 1 : 0;
            return v <= 0 ? Double.POSITIVE_INFINITY : v - Math.log(v);
          };
      optimizer.step(barrier);
      assertTrue(infinite[0] > 0, "no trial went too far");
      assertEquals(1, x.value().get(0), 1e-3);
    }
  }

  @Test
  void aSearchEndsWhereTheStrongWolfeConditionsHold() {
    int searches = 0;
    for (int seed = 0; seed < 200; seed++) {
      double a = 0.3 + seed % 13;
      double b = 0.1 + seed % 7 / 3.0;
      // (t - a)^2 / (1 + a), with waves that do not turn its slope round at 0
      StrongWolfe.Line line =
          (point, t) -> {
            point.loss = (t - a) * (t - a) / (1 + a) + 0.1 * b * Math.cos(t / b);
            point.slope = 2 * (t - a) / (1 + a) - 0.1 * Math.sin(t / b);
          };
      StrongWolfe.Point[] points = {point(), point(), point()};
      line.evaluate(points[0], 0);
      double loss = points[0].loss;
      double slope = points[0].slope;
      double first = Math.pow(10, seed % 5 - 2);
      StrongWolfe search = new StrongWolfe(points);
      StrongWolfe.Point found = search.search(line, points[0], first, 1, 1e-9, 25);
      assertTrue(found.loss <= loss + 1e-4 * found.step * slope, "too high, seed " + seed);
      assertTrue(Math.abs(found.slope) <= -0.9 * slope, "too steep, seed " + seed);
      searches += search.evaluations() > 2 ? 1 : 0;
    }
    assertTrue(searches > 30, "only " + searches + " searches went beyond a second point");
  }

  private static StrongWolfe.Point point() {
    return new StrongWolfe.Point(null);
  }

  @Test
  void aDotProductIsThatOfDoubles() {
    try (Arena arena = Arena.ofConfined()) {
      for (int n = 0; n < 40; n++) {
        FlatVector a = new FlatVector(arena, n);
        FlatVector b = new FlatVector(arena, n);
        double expected = 0;
        double sizes = 0;
        for (int i = 0; i < n; i++) {
          a.array().set(i, (float) Math.sin(i + 1));
          b.array().set(i, (float) Math.exp(i % 9));
          expected += (double) a.array().get(i) * b.array().get(i);
          sizes += Math.abs((double) a.array().get(i) * b.array().get(i));
        }
        assertEquals(expected, a.dot(b), 1e-14 * sizes, "n = " + n);
      }
    }
  }

  @Test
  void aScheduleMovesTheLearningRate() {
    try (Arena arena = Arena.ofConfined()) {
      Lbfgs optimizer = Lbfgs.of(arena, List.of(parameter(arena, "w", 1f)));
      assertEquals(1, optimizer.learningRate());
      Scheduler.of(new ExponentialLr(0.5), optimizer).step();
      assertEquals(0.5, optimizer.learningRate());
      refused("lr is -1.0, must be at least 0", () -> optimizer.setLearningRate(-1));
    }
  }

  @Test
  void aStepWithAGradientBelowTheToleranceMovesNothing() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = parameter(arena, "w", 1f);
      Lbfgs optimizer = Lbfgs.of(arena, List.of(w));
      assertEquals(3, optimizer.step(() -> 3));
      assertEquals(1f, w.value().get(0));
      assertEquals(0, optimizer.iterations());
      assertEquals(1, optimizer.functionEvaluations());
      Lbfgs other = Lbfgs.of(arena, List.of(w));
      other.loadStateDict(copy(arena, optimizer.stateDict()));
      assertEquals(1, other.functionEvaluations());
      w.gradient().fill(2f);
      optimizer.zeroGrad();
      assertEquals(0f, w.gradient().get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, Double.NaN, Double.NEGATIVE_INFINITY})
  void aSettingOutsideItsRangeIsRefused(double bad) {
    String message = " is " + bad + ", must be at least 0";
    refused("lr" + message, () -> LbfgsConfig.DEFAULT.withLearningRate(bad));
    refused("toleranceGrad" + message, () -> LbfgsConfig.DEFAULT.withTolerances(bad, 0));
    refused("toleranceChange" + message, () -> LbfgsConfig.DEFAULT.withTolerances(0, bad));
    for (int count : new int[] {0, -1, Integer.MIN_VALUE}) {
      String below = " is " + count + ", must be at least 1";
      refused("maxIter" + below, () -> LbfgsConfig.DEFAULT.withMaxIter(count));
      refused("maxEval" + below, () -> LbfgsConfig.DEFAULT.withMaxEval(count));
      refused("historySize" + below, () -> LbfgsConfig.DEFAULT.withHistorySize(count));
    }
    refused(
        "lr is Infinity, must be finite",
        () -> LbfgsConfig.DEFAULT.withLearningRate(Double.POSITIVE_INFINITY));
    assertEquals(50, LbfgsConfig.DEFAULT.withMaxIter(40).maxEval());
  }

  @Test
  void listsThatCannotBeOptimizedAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = parameter(arena, "w", 1f, 2f);
      Parameter again = parameter(arena, "w", 1f);
      Parameter part =
          new Parameter("part", Shape.of(1), w.value().slice(1, 1), FloatArray.allocate(arena, 1));
      refused("the list of parameters is empty", () -> Lbfgs.of(arena, List.of()));
      refused("two parameters are named w", () -> Lbfgs.of(arena, List.of(w, again)));
      refused("the value of part overlaps the value of w", () -> Lbfgs.of(arena, List.of(w, part)));
    }
  }

  @Test
  void aStateThatDoesNotFitIsRefusedAndNothingChanges() {
    try (Arena arena = Arena.ofConfined()) {
      List<Parameter> parameters = List.of(parameter(arena, "w", 1.5f, -2f, 0.1f));
      Lbfgs optimizer = Lbfgs.of(arena, parameters, SMALL.withLearningRate(0.3));
      run(optimizer, parameters, 2);
      StateDict state = copy(arena, optimizer.stateDict());
      List<float[]> before = arrays(state);
      refused(
          "w.n_iter is -1.0, not a whole number",
          () -> optimizer.loadStateDict(edited(arena, state, "w.n_iter", Shape.of(), -1)));
      refused(
          "w.func_evals is 1.5, not a whole number",
          () -> optimizer.loadStateDict(edited(arena, state, "w.func_evals", Shape.of(), 1.5f)));
      refused(
          "w.func_evals has shape [0], but [] is needed",
          () -> optimizer.loadStateDict(edited(arena, state, "w.func_evals", Shape.of(0), 0)));
      refused(
          "w.old_dirs.1 has a value NaN, must be finite",
          () ->
              optimizer.loadStateDict(
                  edited(arena, state, "w.old_dirs.1", Shape.of(3), Float.NaN)));
      refused(
          "w.d has shape [4], but [3] is needed",
          () -> optimizer.loadStateDict(edited(arena, state, "w.d", Shape.of(4), 0)));
      Lbfgs shorter = Lbfgs.of(arena, parameters, SMALL.withHistorySize(2));
      refused("the state has 3 pairs, but historySize is 2", () -> shorter.loadStateDict(state));
      Parameter other = parameter(arena, "v", 1f, 1f, 1f);
      Lbfgs foreign = Lbfgs.of(arena, List.of(other));
      assertThrows(IllegalArgumentException.class, () -> foreign.loadStateDict(state));
      assertEquals(0, foreign.functionEvaluations());
      requireSame(before, arrays(optimizer.stateDict()));
    }
  }

  @Test
  void anotherThreadAndAClosedArenaAreRefused() {
    try (Arena open = Arena.ofShared();
        Arena confined = Arena.ofConfined()) {
      Parameter w = parameter(confined, "w", 1f);
      Lbfgs optimizer = Lbfgs.of(open, List.of(w));
      DoubleSupplier never = () -> assertThrows(IllegalStateException.class, () -> {}).hashCode();
      CompletionException thrown =
          assertThrows(
              CompletionException.class,
              CompletableFuture.runAsync(() -> optimizer.step(never))::join);
      assertSame(WrongThreadException.class, thrown.getCause().getClass());
      assertEquals(1f, w.value().get(0));
      Lbfgs closed;
      Parameter v = parameter(open, "v", 1f);
      try (Arena closing = Arena.ofConfined()) {
        closed = Lbfgs.of(closing, List.of(v));
      }
      assertEquals(
          "the state is closed: its arena is no longer alive",
          assertThrows(IllegalStateException.class, () -> closed.step(never)).getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(LineSearch.class)
  void aStepAllocatesNothing(LineSearch search) {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = parameter(arena, "w", new float[50]);
      Lbfgs optimizer = Lbfgs.of(arena, List.of(w), SMALL.withLineSearch(search));
      DoubleSupplier closure = bowl(List.of(w));
      ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long deadline = System.nanoTime() + 20_000_000_000L;
      long bytes;
      do {
        bytes = -meter.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 200; i++) {
          w.value().fill(2f);
          optimizer.step(closure);
        }
        bytes += meter.getCurrentThreadAllocatedBytes();
      } while (bytes != 0 && System.nanoTime() < deadline);
      assertEquals(0, bytes);
    }
  }

  private static void run(Lbfgs optimizer, List<Parameter> parameters, int steps) {
    DoubleSupplier closure = bowl(parameters);
    for (int step = 0; step < steps; step++) {
      optimizer.step(closure);
    }
  }

  private static List<float[]> values(List<Parameter> parameters) {
    return parameters.stream().map(p -> p.value().toArray()).toList();
  }

  private static List<float[]> arrays(StateDict state) {
    return state.names().stream().map(name -> state.get(name).values().toArray()).toList();
  }

  private static StateDict copy(Arena arena, StateDict source) {
    StateDict copy = new StateDict();
    for (String name : source.names()) {
      StateDict.Entry entry = source.get(name);
      copy.put(name, entry.shape(), FloatArray.of(arena, entry.values().toArray()));
    }
    return copy;
  }

  private static StateDict edited(
      Arena arena, StateDict source, String edit, Shape shape, float value) {
    StateDict edited = new StateDict();
    for (String name : source.names()) {
      if (name.equals(edit)) {
        edited.put(name, shape, FloatArray.allocate(arena, shape.elements()).fill(value));
      } else {
        edited.put(name, source.get(name).shape(), source.get(name).values());
      }
    }
    return edited;
  }

  private static void requireSame(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "array " + i);
    }
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
