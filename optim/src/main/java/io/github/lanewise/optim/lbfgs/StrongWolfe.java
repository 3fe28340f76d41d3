package io.github.lanewise.optim.lbfgs;

/// A line search for the strong Wolfe conditions: the loss has fallen by at least c1 times what its
/// slope at the start promises, and its slope is at most c2 times as steep as there. The constants
/// and the order of the trials are PyTorch's.
///
/// First the search goes on in growing steps until it has bracketed such a point, then it narrows
/// the bracket; cubic interpolation proposes each trial.
///
/// Source: Nocedal and Wright (2006), Numerical Optimization, Algorithms 3.5 and 3.6; PyTorch's
/// form goes back to minFunc by Mark Schmidt. Unlike there, a cubic without a finite minimum gives
/// the middle of its bounds, so that the search comes back from a loss of infinity.
final class StrongWolfe {
  private static final double C1 = 1e-4;
  private static final double C2 = 0.9;

  /// What is known of the loss at one step length.
  static final class Point {
    final FlatVector gradient;
    double step;
    double loss;

    /// The derivative of the loss by the step length.
    double slope;

    Point(FlatVector gradient) {
      this.gradient = gradient;
    }
  }

  /// The loss along a line.
  interface Line {
    /// Fills in the point at a step length.
    void evaluate(Point point, double step);
  }

  private final Point[] points;
  private final Point[] bracket = new Point[2];
  private int evaluations;

  /// @param points three; a search starts at one of them, and uses the others for its trials
  StrongWolfe(Point... points) {
    this.points = points;
  }

  /// How many points the last search has evaluated.
  int evaluations() {
    return evaluations;
  }

  /// Searches from a point at step length 0 and returns the best point.
  ///
  /// @param first the first step length to try
  /// @param size the largest element of the direction, for the size of the bracket
  /// @param tolerance a bracket in which no parameter moves by so much is not narrowed
  /// @param maxTrials after the first
  Point search(Line line, Point start, double first, double size, double tolerance, int maxTrials) {
    double loss = start.loss;
    double slope = start.slope;
    start.step = 0;
    Point satisfied = bracket(line, start, first, maxTrials);
    if (satisfied != null) {
      return satisfied;
    }
    int low = lower();
    boolean stuck = false;
    while (evaluations <= maxTrials
        && Math.abs(bracket[1].step - bracket[0].step) * size >= tolerance) {
      double min = Math.min(bracket[0].step, bracket[1].step);
      double max = Math.max(bracket[0].step, bracket[1].step);
      double step = interpolate(bracket[0], bracket[1], min, max);
      double margin = 0.1 * (max - min);
      if (Math.min(max - step, step - min) >= margin) {
        stuck = false;
      } else if (stuck || step >= max || step <= min) {
        step = Math.abs(step - max) < Math.abs(step - min) ? max - margin : min + margin;
        stuck = false;
      } else {
        stuck = true;
      }
      Point trial = free(bracket[0], bracket[1]);
      evaluate(line, trial, step);
      if (trial.loss > loss + C1 * step * slope || trial.loss >= bracket[low].loss) {
        bracket[1 - low] = trial;
        low = lower();
      } else if (Math.abs(trial.slope) <= -C2 * slope) {
        return trial;
      } else {
        if (trial.slope * (bracket[1 - low].step - bracket[low].step) >= 0) {
          bracket[1 - low] = bracket[low];
        }
        bracket[low] = trial;
      }
    }
    return bracket[low];
  }

  /// Steps on until two points bracket what is sought; returns a point that is it, or null.
  private Point bracket(Line line, Point start, double first, int maxTrials) {
    Point before = start;
    Point now = free(start, start);
    evaluations = 0;
    evaluate(line, now, first);
    while (evaluations <= maxTrials) {
      boolean tooHigh = now.loss > start.loss + C1 * now.step * start.slope;
      boolean rising = evaluations > 2 && now.loss >= before.loss;
      if (!tooHigh && !rising && Math.abs(now.slope) <= -C2 * start.slope) {
        return now;
      }
      if (tooHigh || rising || now.slope >= 0) {
        bracket[0] = before;
        bracket[1] = now;
        return null;
      }
      double min = now.step + 0.01 * (now.step - before.step);
      double step = interpolate(before, now, min, now.step * 10);
      before = now;
      now = free(start, now);
      evaluate(line, now, step);
    }
    bracket[0] = start;
    bracket[1] = now;
    return null;
  }

  private void evaluate(Line line, Point point, double step) {
    point.step = step;
    line.evaluate(point, step);
    evaluations++;
  }

  private int lower() {
    return bracket[0].loss <= bracket[1].loss ? 0 : 1;
  }

  /// A point that is neither of the two.
  private Point free(Point one, Point other) {
    int i = 0;
    while (points[i] == one || points[i] == other) {
      i++;
    }
    return points[i];
  }

  /// The minimum of the cubic through both losses and slopes, kept between the bounds.
  private static double interpolate(Point a, Point b, double min, double max) {
    Point left = a.step <= b.step ? a : b;
    Point right = left == a ? b : a;
    double d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step);
    double d2 = Math.sqrt(d1 * d1 - a.slope * b.slope); // NaN if there is no minimum
    double fraction = (right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2);
    double minimum = right.step - (right.step - left.step) * fraction;
    return Double.isNaN(minimum) ? (min + max) / 2 : Math.clamp(minimum, min, max);
  }
}
