package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.AdafactorConfig;
import io.github.lanewise.optim.rule.LambConfig;
import io.github.lanewise.optim.rule.MuonConfig;
import io.github.lanewise.properties.support.Samples;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rules that look at whole parameters: LAMB against double precision, Adafactor's vector form and
/// Muon's matrices of any shape.
class TensorRulesTest {
  static List<UpdateRule> rules() {
    return List.of(LambConfig.DEFAULT, AdafactorConfig.DEFAULT, MuonConfig.DEFAULT);
  }

  private static Parameter parameter(Arena arena, String name, long... sizes) {
    Shape shape = Shape.of(sizes);
    FloatArray p = FloatArray.of(arena, Samples.normal(1, (int) shape.elements(), 1));
    return new Parameter(name, shape, p, FloatArray.allocate(arena, shape.elements()));
  }

  private static void step(Optimizer optimizer, long seed) {
    for (Parameter parameter : optimizer.parameters()) {
      int n = (int) parameter.gradient().length();
      parameter.gradient().copyFrom(Samples.normal(seed, n, 1));
    }
    optimizer.step();
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
  void passesAndThreadsAndFilesWorkForThemToo(UpdateRule rule) {
    Passes passes = Passes.NONE.withMaxNorm(1).withZeroesGradient(true);
    try (Arena arena = Arena.ofShared();
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      Parameter[] w = new Parameter[3];
      Optimizer[] optimizers = new Optimizer[3];
      for (int i = 0; i < 3; i++) {
        w[i] = parameter(arena, "w", 300, 200);
        optimizers[i] = Optimizer.of(arena, List.of(w[i]), rule, passes);
      }
      for (int t = 0; t < 4; t++) {
        step(optimizers[0], t);
        w[1].gradient().copyFrom(Samples.normal(t, 60_000, 1));
        optimizers[1].step(executor, 2);
        if (t == 1) {
          StateDict saved = optimizers[0].stateDict(arena);
          w[2].value().copyFrom(w[0].value());
          optimizers[2].loadStateDict(saved);
        } else if (t > 1) {
          step(optimizers[2], t);
        }
      }
      assertArrayEquals(w[0].value().toArray(), w[1].value().toArray());
      assertArrayEquals(w[0].value().toArray(), w[2].value().toArray());
      assertEquals(0f, w[0].gradient().get(59_999));
      assertTrue(optimizers[0].gradientNorm() > 200);
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Optimizer.of(
                      arena,
                      List.of(w[0]),
                      rule,
                      Passes.NONE.withStatePrecision(StatePrecision.BLOCK8)));
      assertEquals(
          rule.name() + " keeps its states in float32, not in BLOCK8", refusal.getMessage());
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
