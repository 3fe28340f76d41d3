package io.github.lanewise.bench.lab;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/// The classic test functions of two variables. Loss and gradient are computed in double from the
/// float parameters; the gradient is then rounded once.
///
/// Source: Jamil and Yang (2013), A Literature Survey of Benchmark Functions for Global
/// Optimisation Problems.
@SuppressWarnings("ImmutableEnumChecker") // nobody changes the map
enum TestFunction implements Problem {
  ROSENBROCK("(1 - x)^2 + 100 (y - x^2)^2", -1.5, 2, 1e-2, -2, 2, -1, 3, new double[] {1, 1}) {
    @Override
    double loss(double x, double y) {
      double valley = y - x * x;
      return (1 - x) * (1 - x) + 100 * valley * valley;
    }

    @Override
    void gradient(double x, double y, double[] g) {
      double valley = y - x * x;
      g[0] = -2 * (1 - x) - 400 * x * valley;
      g[1] = 200 * valley;
    }
  },
  BEALE(
      "(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
      0.5,
      1.5,
      1e-2,
      -1,
      4.5,
      -2,
      2,
      new double[] {3, 0.5}) {
    @Override
    double loss(double x, double y) {
      double a = 1.5 - x + x * y;
      double b = 2.25 - x + x * y * y;
      double c = 2.625 - x + x * y * y * y;
      return a * a + b * b + c * c;
    }

    @Override
    void gradient(double x, double y, double[] g) {
      double a = 1.5 - x + x * y;
      double b = 2.25 - x + x * y * y;
      double c = 2.625 - x + x * y * y * y;
      g[0] = 2 * a * (y - 1) + 2 * b * (y * y - 1) + 2 * c * (y * y * y - 1);
      g[1] = 2 * a * x + 4 * b * x * y + 6 * c * x * y * y;
    }
  },
  HIMMELBLAU(
      "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
      0,
      -1,
      1e-2,
      -5,
      5,
      -5,
      5,
      new double[] {3, 2},
      new double[] {-2.805118, 3.131312},
      new double[] {-3.77931, -3.283186},
      new double[] {3.584428, -1.848126}) {
    @Override
    double loss(double x, double y) {
      double a = x * x + y - 11;
      double b = x + y * y - 7;
      return a * a + b * b;
    }

    @Override
    void gradient(double x, double y, double[] g) {
      double a = x * x + y - 11;
      double b = x + y * y - 7;
      g[0] = 4 * x * a + 2 * b;
      g[1] = 2 * a + 4 * y * b;
    }
  },
  RASTRIGIN(
      "20 + x^2 - 10 cos(2 pi x) + y^2 - 10 cos(2 pi y)",
      2.3,
      1.7,
      8,
      -4,
      4,
      -4,
      4,
      new double[] {0, 0}) {
    @Override
    double loss(double x, double y) {
      return 20
          + x * x
          - 10 * StrictMath.cos(2 * Math.PI * x)
          + y * y
          - 10 * StrictMath.cos(2 * Math.PI * y);
    }

    @Override
    void gradient(double x, double y, double[] g) {
      g[0] = 2 * x + 20 * Math.PI * StrictMath.sin(2 * Math.PI * x);
      g[1] = 2 * y + 20 * Math.PI * StrictMath.sin(2 * Math.PI * y);
    }
  },
  QUADRATIC("(x^2 + 100 y^2) / 2", -1.5, 0.8, 1e-3, -2, 2, -1.2, 1.2, new double[] {0, 0}) {
    @Override
    double loss(double x, double y) {
      return 0.5 * (x * x + 100 * y * y);
    }

    @Override
    void gradient(double x, double y, double[] g) {
      g[0] = x;
      g[1] = 100 * y;
    }
  };

  /// Starts of different seeds are at most this far from the middle one, in each parameter.
  private static final double SPREAD = 0.2;

  private final String formula;
  private final double startX;
  private final double startY;
  private final double target;
  private final Plane plane;

  TestFunction(
      String formula,
      double startX,
      double startY,
      double target,
      double left,
      double right,
      double bottom,
      double top,
      double[]... minima) {
    this.formula = formula;
    this.startX = startX;
    this.startY = startY;
    this.target = target;
    this.plane = new Plane(this::loss, left, right, bottom, top, List.of(minima));
  }

  @Override
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  abstract double loss(double x, double y);

  abstract void gradient(double x, double y, double[] g);

  @Override
  public String description() {
    return "%s, from (%s, %s), each parameter up to %s beside it, at random by the seed"
        .formatted(formula, startX, startY, SPREAD);
  }

  @Override
  public double target() {
    return target;
  }

  @Override
  public Optional<Plane> plane() {
    return Optional.of(plane);
  }

  @Override
  public Attempt open(Arena arena, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FloatArray value = FloatArray.allocate(arena, 2);
    FloatArray gradient = FloatArray.allocate(arena, 2);
    value.set(0, (float) (startX + SPREAD * (2 * unit(random) - 1)));
    value.set(1, (float) (startY + SPREAD * (2 * unit(random) - 1)));
    List<Parameter> parameters = List.of(new Parameter("xy", Shape.of(2), value, gradient));
    double[] g = new double[2];
    return new Attempt() {
      @Override
      public List<Parameter> parameters() {
        return parameters;
      }

      @Override
      public void gradient() {
        TestFunction.this.gradient(value.get(0), value.get(1), g);
        gradient.set(0, (float) g[0]);
        gradient.set(1, (float) g[1]);
      }

      @Override
      public double loss() {
        return TestFunction.this.loss(value.get(0), value.get(1));
      }
    };
  }

  /// A uniform number from 0 to 1, the same on every platform.
  static double unit(SplittableRandom random) {
    return (random.nextLong() >>> 11) * 0x1p-53;
  }
}
