package io.github.lanewise.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.optim.rule.AdamConfig;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A call that is refused changes no parameter, no gradient, no state and no count of steps.
///
/// The parameters form two runs, and all but one of the arenas are open to every thread. The last
/// parameter or the state lies in that one, so that a step could update the first run, or a first
/// state, before it meets the array that it must not touch.
class RefusalTest {
  private static final long SEED = 11;

  /// What lies in the arena that refuses.
  enum Part {
    VALUE("the value of 3.bias"),
    GRADIENT("the gradient of 3.bias"),
    STATE("the state");

    private final String name;

    Part(String name) {
      this.name = name;
    }
  }

  /// Parameters of which `part` lies in `refusing`, and an optimizer for them that took two steps.
  private record Run(List<Parameter> parameters, Optimizer optimizer) {
    static Run of(Fixtures.Case of, Arena open, Arena refusing, Part part) {
      List<Parameter> parameters = new ArrayList<>(Fixtures.model(open, SEED));
      Parameter last = parameters.removeLast();
      long n = last.shape().elements();
      parameters.add(
          new Parameter(
              last.name(),
              last.shape(),
              FloatArray.allocate(part == Part.VALUE ? refusing : open, n).fill(0.5f),
              FloatArray.allocate(part == Part.GRADIENT ? refusing : open, n)));
      Run run = new Run(parameters, of.create(part == Part.STATE ? refusing : open, parameters));
      run.step(0);
      run.step(1);
      Fixtures.fillGradients(parameters, 2);
      return run;
    }

    void step(long seed) {
      Fixtures.fillGradients(parameters, seed);
      optimizer.step();
    }

    /// Every array that this thread can read.
    List<float[]> contents() {
      List<FloatArray> arrays = new ArrayList<>();
      parameters.forEach(p -> arrays.addAll(List.of(p.value(), p.gradient())));
      StateDict states = optimizer.stateDict(Arena.ofAuto());
      states.names().forEach(name -> arrays.add(states.get(name).values()));
      return arrays.stream().map(FloatArray::toArray).toList();
    }
  }

  private static void requireSame(List<float[]> expected, List<float[]> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "array " + i);
    }
  }

  private static WrongThreadException refusedElsewhere(Runnable call) {
    CompletionException thrown =
        assertThrows(CompletionException.class, CompletableFuture.runAsync(call)::join);
    return assertThrows(
        WrongThreadException.class,
        () -> {
          throw thrown.getCause();
        });
  }

  private static void refusedAsClosed(String name, Executable call) {
    assertEquals(
        name + " is closed: its arena is no longer alive",
        assertThrows(IllegalStateException.class, call).getMessage());
  }

  private static void assertConfined(String name, WrongThreadException refusal) {
    assertEquals(
        name + " is confined to another thread: its arena admits only the thread that opened it",
        refusal.getMessage());
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void aStepOnAnotherThreadLeavesNoTrace(Fixtures.Case of) {
    for (Part part : Part.values()) {
      try (Arena open = Arena.ofShared();
          Arena confined = Arena.ofConfined()) {
        Run run = Run.of(of, open, confined, part);
        Run twin = Run.of(of, open, confined, part);
        List<float[]> before = run.contents();
        assertConfined(part.name, refusedElsewhere(run.optimizer::step));
        requireSame(before, run.contents());
        run.step(3);
        twin.step(3);
        requireSame(twin.contents(), run.contents());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Part.class,
      names = {"VALUE", "GRADIENT"})
  void aStepWithAClosedParameterLeavesNoTrace(Part part) {
    for (Fixtures.Case of : Fixtures.optimizers().toList()) {
      try (Arena open = Arena.ofShared()) {
        Run run;
        try (Arena closing = Arena.ofConfined()) {
          run = Run.of(of, open, closing, part);
        }
        Run readable = new Run(run.parameters.subList(0, 3), run.optimizer);
        List<float[]> before = readable.contents();
        refusedAsClosed(part.name, run.optimizer::step);
        requireSame(before, readable.contents());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void aStepWithAClosedStateLeavesTheParameters(Fixtures.Case of) {
    try (Arena open = Arena.ofShared()) {
      Run run;
      try (Arena closing = Arena.ofConfined()) {
        run = Run.of(of, open, closing, Part.STATE);
      }
      List<float[]> before = run.parameters.stream().map(p -> p.value().toArray()).toList();
      refusedAsClosed(Part.STATE.name, run.optimizer::step);
      requireSame(before, run.parameters.stream().map(p -> p.value().toArray()).toList());
    }
  }

  @Test
  void zeroGradLeavesEveryGradientIfOneIsOutOfReach() {
    try (Arena open = Arena.ofShared();
        Arena confined = Arena.ofConfined()) {
      Run run =
          Run.of(new Fixtures.Case("adam", AdamConfig.DEFAULT), open, confined, Part.GRADIENT);
      List<float[]> before = run.contents();
      assertConfined(Part.GRADIENT.name, refusedElsewhere(run.optimizer::zeroGrad));
      requireSame(before, run.contents());
    }
  }

  @ParameterizedTest
  @MethodSource("io.github.lanewise.optim.Fixtures#optimizers")
  void loadingIntoAStateOfAnotherThreadLeavesNoTrace(Fixtures.Case of) {
    try (Arena open = Arena.ofShared();
        Arena confined = Arena.ofConfined()) {
      Run run = Run.of(of, open, confined, Part.STATE);
      Run twin = Run.of(of, open, confined, Part.STATE);
      Run other = Run.of(of, open, open, Part.STATE);
      other.step(7);
      StateDict source = other.optimizer.stateDict(Arena.ofAuto());
      List<float[]> before = run.contents();
      refusedElsewhere(() -> run.optimizer.loadStateDict(source));
      requireSame(before, run.contents());
      run.step(3);
      twin.step(3);
      requireSame(twin.contents(), run.contents());
    }
  }

  static Stream<Fixtures.Case> optimizersWithState() {
    return Fixtures.optimizers().filter(of -> !of.name().equals("sgd"));
  }

  @ParameterizedTest
  @MethodSource("optimizersWithState")
  void aStateOfWhichTheLastEntryCannotBeReadIsNotLoadedInPart(Fixtures.Case of) {
    try (Arena open = Arena.ofShared();
        Arena confined = Arena.ofConfined()) {
      Run run = Run.of(of, open, open, Part.STATE);
      Run twin = Run.of(of, open, open, Part.STATE);
      Run other = Run.of(of, open, open, Part.STATE);
      other.step(7);
      StateDict whole = other.optimizer.stateDict(Arena.ofAuto());
      String last = List.copyOf(whole.names()).getLast();
      StateDict partly = new StateDict();
      for (String name : whole.names()) {
        FloatArray values = whole.get(name).values();
        Arena arena = name.equals(last) ? confined : open;
        partly.put(
            name,
            whole.get(name).shape(),
            FloatArray.allocate(arena, values.length()).copyFrom(values));
      }
      List<float[]> before = run.contents();
      assertConfined(
          last + " of the source", refusedElsewhere(() -> run.optimizer.loadStateDict(partly)));
      requireSame(before, run.contents());
      run.step(3);
      twin.step(3);
      requireSame(twin.contents(), run.contents());
    }
  }
}
