package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.nn.io.SafeTensors;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.AdafactorConfig;
import io.github.lanewise.optim.rule.LambConfig;
import io.github.lanewise.optim.rule.MuonConfig;
import io.github.lanewise.optim.rule.TensorRule;
import io.github.lanewise.optim.rule.TensorUpdate;
import io.github.lanewise.properties.support.Samples;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rules that look at whole parameters: LAMB against double precision, Adafactor's vector form and
/// Muon's matrices of any shape; threads, files and memory in every precision.
class TensorRulesTest {
  @TempDir Path directory;

  static List<UpdateRule> rules() {
    return List.of(LambConfig.DEFAULT, AdafactorConfig.DEFAULT, MuonConfig.DEFAULT);
  }

  private static Parameter parameter(Arena arena, String name, long... sizes) {
    Shape shape = Shape.of(sizes);
    FloatArray p = FloatArray.of(arena, Samples.normal(1, (int) shape.elements(), 1));
    return new Parameter(name, shape, p, FloatArray.allocate(arena, shape.elements()));
  }

  private static void step(Optimizer optimizer, long seed) {
    fill(optimizer, seed);
    optimizer.step();
  }

  private static void fill(Optimizer optimizer, long seed) {
    for (Parameter parameter : optimizer.parameters()) {
      int n = (int) parameter.gradient().length();
      parameter.gradient().copyFrom(Samples.normal(seed, n, 1));
    }
  }

  @Test
  void lambIsThatOfThePaperInDouble() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = parameter(arena, "w", 1500);
      double[] p = doubles(w.value());
      double[] m = new double[p.length];
      double[] v = new double[p.length];
      double[] u = new double[p.length];
      Optimizer optimizer =
          Optimizer.of(arena, List.of(w), LambConfig.DEFAULT.withLearningRate(0.01));
      for (int t = 1; t <= 10; t++) {
        step(optimizer, t);
        double[] g = doubles(w.gradient());
        double ofP = 0;
        double ofU = 0;
        for (int i = 0; i < p.length; i++) {
          m[i] = 0.9 * m[i] + 0.1 * g[i];
          v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
          double mHat = m[i] / (1 - StrictMath.pow(0.9, t));
          double vHat = v[i] / (1 - StrictMath.pow(0.999, t));
          u[i] = mHat / (Math.sqrt(vHat) + 1e-6) + 0.01 * p[i];
          ofP += p[i] * p[i];
          ofU += u[i] * u[i];
        }
        for (int i = 0; i < p.length; i++) {
          p[i] -= 0.01 * Math.sqrt(ofP) / Math.sqrt(ofU) * u[i];
          assertEquals(p[i], w.value().get(i), 2e-6, "p, step " + t + ", element " + i);
        }
      }
    }
  }

  @Test
  void adafactorOfAVectorKeepsItsVariance() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = parameter(arena, "w", 100);
      double[] p = doubles(w.value());
      double[] v = new double[p.length];
      Optimizer optimizer = Optimizer.of(arena, List.of(w), AdafactorConfig.DEFAULT);
      for (int t = 1; t <= 10; t++) {
        step(optimizer, t);
        double[] g = doubles(w.gradient());
        double ofP = 0;
        double ofU = 0;
        for (int i = 0; i < p.length; i++) {
          ofP += p[i] * p[i];
          v[i] += StrictMath.pow(t, -0.8) * (g[i] * g[i] - v[i]);
          ofU += g[i] * g[i] / v[i];
        }
        double alpha = Math.max(1e-3, Math.sqrt(ofP / p.length)) * Math.min(1e-2, 1 / Math.sqrt(t));
        for (int i = 0; i < p.length; i++) {
          p[i] -= alpha / Math.max(1, Math.sqrt(ofU / p.length)) * g[i] / Math.sqrt(v[i]);
          assertEquals(p[i], w.value().get(i), 1e-6, "p, step " + t + ", element " + i);
        }
      }
      assertEquals(Shape.of(100), optimizer.stateDict(arena).get("w.variance").shape());
    }
  }

  @Test
  void muonTreatsAMatrixAndItsTransposeAlike() {
    try (Arena arena = Arena.ofConfined()) {
      Parameter wide = parameter(arena, "wide", 7, 40);
      Parameter tall = parameter(arena, "tall", 40, 7);
      transpose(wide.value(), tall.value());
      MuonConfig config = MuonConfig.DEFAULT.withMatchRms(true);
      Optimizer first = Optimizer.of(arena, List.of(wide), config);
      Optimizer second = Optimizer.of(arena, List.of(tall), config);
      for (int t = 0; t < 3; t++) {
        wide.gradient().copyFrom(Samples.normal(t, 280, 1));
        transpose(wide.gradient(), tall.gradient());
        first.step();
        second.step();
      }
      FloatArray back = FloatArray.allocate(arena, 280);
      transpose(wide.value(), back);
      assertArrayEquals(back.toArray(), tall.value().toArray(), 1e-6f);
      assertEquals(
          "muon takes matrices, but b has shape [3]",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> Optimizer.of(arena, List.of(parameter(arena, "b", 3)), config))
              .getMessage());
    }
  }

  private static void transpose(FloatArray from, FloatArray to) {
    for (int r = 0; r < 7; r++) {
      for (int c = 0; c < 40; c++) {
        to.set(c * 7 + r, from.get(r * 40 + c));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aStepHasTheSameBitsOnAnyNumberOfThreads(UpdateRule rule) {
    for (Passes passes : precisions()) {
      Passes all = passes.withMaxNorm(1).withZeroesGradient(true);
      List<float[]> one = steps(rule, all, 1);
      for (int threads : new int[] {2, 3, 7}) {
        List<float[]> more = steps(rule, all, threads);
        for (int i = 0; i < one.size(); i++) {
          assertArrayEquals(one.get(i), more.get(i), threads + " threads, array " + i);
        }
      }
    }
  }

  /// Every precision of the states with every precision of the parameters.
  private static List<Passes> precisions() {
    List<Passes> all = new ArrayList<>();
    for (StatePrecision states : StatePrecision.values()) {
      for (ParameterPrecision parameters : ParameterPrecision.values()) {
        all.add(Passes.NONE.withStatePrecision(states).withParameterPrecision(parameters));
      }
    }
    return all;
  }

  /// The parameters, gradients and states after some steps.
  private static List<float[]> steps(UpdateRule rule, Passes passes, int threads) {
    try (Arena arena = Arena.ofShared();
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Parameter> parameters =
          List.of(
              parameter(arena, "a", 30, 45),
              parameter(arena, "b", 1, 7),
              parameter(arena, "c", 300, 200), // two parts of a parallel step
              parameter(arena, "d", 17, 17));
      Optimizer optimizer = Optimizer.of(arena, parameters, rule, passes);
      for (int step = 0; step < 3; step++) {
        fill(optimizer, step);
        optimizer.step(executor, threads);
      }
      assertTrue(optimizer.gradientNorm() > 50);
      List<float[]> arrays = new ArrayList<>();
      for (Parameter each : parameters) {
        arrays.add(each.value().toArray());
        arrays.add(each.gradient().toArray());
      }
      StateDict states = optimizer.stateDict(arena);
      states.names().forEach(name -> arrays.add(states.get(name).values().toArray()));
      return arrays;
    }
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aRunGoesOnFromOneFileBitForBit(UpdateRule rule) throws IOException {
    Path file = directory.resolve("checkpoint.safetensors");
    for (Passes passes : precisions()) {
      try (Arena arena = Arena.ofConfined()) {
        Parameter w = parameter(arena, "w", 30, 45);
        Optimizer optimizer = Optimizer.of(arena, List.of(w), rule, passes);
        Parameter other = parameter(arena, "w", 30, 45);
        Optimizer resumed = Optimizer.of(arena, List.of(other), rule, passes);
        for (int step = 0; step < 6; step++) {
          step(optimizer, step);
          if (step == 2) {
            SafeTensors.write(file, optimizer.stateDict(arena), optimizer.metadata());
            SafeTensors.Contents read = SafeTensors.readContents(arena, file);
            other.value().copyFrom(w.value());
            resumed.loadStateDict(read.tensors(), read.metadata());
            requireSame(optimizer.stateDict(arena), resumed.stateDict(arena));
          } else if (step > 2) {
            step(resumed, step);
          }
        }
        assertArrayEquals(w.value().toArray(), other.value().toArray(), passes.toString());
        requireSame(optimizer.stateDict(arena), resumed.stateDict(arena));
      }
    }
  }

  private static void requireSame(StateDict expected, StateDict actual) {
    assertEquals(expected.names(), actual.names());
    for (String name : expected.names()) {
      assertEquals(expected.get(name).shape(), actual.get(name).shape(), name);
      assertArrayEquals(
          expected.get(name).values().toArray(), actual.get(name).values().toArray(), name);
    }
  }

  /// A dictionary holds floats whatever the precision, and loading rounds them.
  @ParameterizedTest
  @MethodSource("rules")
  void aStateOfOnePrecisionLoadsIntoAnother(UpdateRule rule) {
    for (StatePrecision from : StatePrecision.values()) {
      for (StatePrecision to : StatePrecision.values()) {
        try (Arena arena = Arena.ofConfined()) {
          Optimizer first = optimizer(arena, rule, from);
          step(first, 1);
          step(first, 2);
          StateDict saved = first.stateDict(arena);
          Optimizer second = optimizer(arena, rule, to);
          second.loadStateDict(saved, first.metadata());
          StateDict loaded = second.stateDict(arena);
          Optimizer third = optimizer(arena, rule, to);
          third.loadStateDict(loaded);
          requireSame(loaded, third.stateDict(arena));
          for (String name : saved.names()) {
            requireRounded(saved.get(name).values(), loaded.get(name).values(), from, to);
          }
        }
      }
    }
  }

  private static Optimizer optimizer(Arena arena, UpdateRule rule, StatePrecision precision) {
    List<Parameter> w = List.of(parameter(arena, "w", 21, 30));
    return Optimizer.of(arena, w, rule, Passes.NONE.withStatePrecision(precision));
  }

  private static void requireRounded(
      FloatArray exact, FloatArray rounded, StatePrecision from, StatePrecision to) {
    float largest = 0;
    for (int i = 0; i < exact.length(); i++) {
      largest = Math.max(largest, Math.abs(exact.get(i)));
    }
    for (int i = 0; i < exact.length(); i++) {
      float x = exact.get(i);
      double error =
          switch (to) {
            case FLOAT32 -> 0;
            case BFLOAT16 -> from == to ? 0 : Math.abs(x) / 256;
            // The parts that are near to 0 have no mantissa.
            case BLOCK8 -> from == to ? 0 : Math.abs(x) / 16 + largest / 32768;
          };
      assertEquals(x, rounded.get(i), error, from + " to " + to + ", element " + i);
    }
  }

  /// In 8 bits there is a scale of 4 bytes for each 256.
  @ParameterizedTest
  @MethodSource("rules")
  void statesTakeHalfOrAQuarterOfTheMemory(UpdateRule rule) {
    double floats = stateBytes(rule, StatePrecision.FLOAT32);
    assertEquals(0.5, stateBytes(rule, StatePrecision.BFLOAT16) / floats, 0.01);
    assertEquals(0.25 * 65 / 64, stateBytes(rule, StatePrecision.BLOCK8) / floats, 0.01);
  }

  private static double stateBytes(UpdateRule rule, StatePrecision precision) {
    boolean keepsRows = rule.name().equals("adafactor");
    try (Arena arena = Arena.ofConfined()) {
      Parameter w = keepsRows ? parameter(arena, "w", 1 << 20, 1) : parameter(arena, "w", 900, 900);
      return stateBytes(((TensorRule) rule).bind(arena, w, precision));
    }
  }

  /// Those of its largest state, and of all that are kept together with it.
  private static double stateBytes(TensorUpdate update) {
    return update.states().stream().mapToLong(state -> state.kept().bytes()).max().orElseThrow();
  }

  @Test
  void aStepWorksInAsMuchMemoryAsItSays() {
    Map<TensorRule, Double> floats =
        Map.of(
            LambConfig.DEFAULT, 1.0,
            AdafactorConfig.DEFAULT, 0.0,
            MuonConfig.DEFAULT, 2.0 + 2);
    floats.forEach(
        (rule, expected) -> {
          int n = 512;
          try (Arena arena = Arena.ofConfined()) {
            Counting counting = new Counting(arena);
            Parameter w = parameter(arena, "w", n, n);
            double states = stateBytes(rule.bind(counting, w, StatePrecision.BFLOAT16));
            double gemm = rule instanceof MuonConfig ? gemmBytes(arena, n) : 0;
            double own = (counting.bytes - states - gemm) / (4.0 * n * n);
            assertEquals(expected, own, 0.01, rule.name());
          }
        });
  }

  private static double gemmBytes(Arena arena, int n) {
    Counting counting = new Counting(arena);
    Gemm.allocate(counting, n, n, n);
    return counting.bytes;
  }

  /// Counts what is taken from an arena.
  private static final class Counting implements Arena {
    private final Arena arena;
    private long bytes;

    Counting(Arena arena) {
      this.arena = arena;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      bytes += byteSize;
      return arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  private static double[] doubles(FloatArray x) {
    double[] doubles = new double[(int) x.length()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = x.get(i);
    }
    return doubles;
  }
}
