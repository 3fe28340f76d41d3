package io.github.lanewise.optim.lbfgs;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.optim.lbfgs.LbfgsConfig.LineSearch;
import io.github.lanewise.optim.schedule.ScheduledSettings;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.DoubleSupplier;

/// L-BFGS: p += t d, where d = -H g, and H is the inverse Hessian that the last steps and the
/// changes of the gradient tell of. The step length t is the learning rate, or the result of a line
/// search for the strong Wolfe conditions.
///
/// It evaluates the loss many times in a step, so that [#step] takes a closure. For losses of whole
/// data sets and smooth models; noise in the loss misleads it.
///
/// Source: Nocedal (1980), Updating Quasi-Newton Matrices with Limited Storage; Nocedal and Wright
/// (2006), Numerical Optimization, Algorithms 7.4, 3.5 and 3.6. The tests that end a step, and the
/// shorter first step of min(1, 1/|g|_1) lr, are those of PyTorch's `LBFGS`.
///
/// Memory: 2 (historySize + maxIter) + 9 floats from the arena for each element of the parameters,
/// allocated at once. [#step] allocates nothing.
///
/// Vectors are floats, scalars doubles. Dot products add up in double in one fixed order, so that a
/// run has the same bits on every machine if the closure has.
///
/// Not thread-safe: one thread at a time may use it. It must be a thread that the arenas of the
/// parameters and of the state admit.
public final class Lbfgs implements ScheduledSettings {
  private final LbfgsConfig config;
  private final FlatParameters parameters;
  private final LbfgsHistory history;
  private final StrongWolfe search;
  private final StrongWolfe.Line line = this::evaluateTrial;
  private final FlatVector d;
  private final FlatVector gradientBefore;
  private final FlatVector lineStart;

  /// What a step that fails puts back.
  private final FlatVector valuesAtStart;

  private final FlatVector directionAtStart;
  private final FlatVector gradientBeforeAtStart;

  /// `func_evals`, `n_iter`, `t` and `H_diag`, for the dictionary.
  private final FloatArray scalars;

  private StrongWolfe.Point current;
  private DoubleSupplier closure;
  private double learningRate;
  private long evaluations;
  private long iterations;
  private float t;
  private float scale;

  private Lbfgs(Arena arena, List<Parameter> parameters, LbfgsConfig config) {
    this.config = config;
    this.parameters = new FlatParameters(parameters);
    learningRate = config.lr();
    long n = this.parameters.length();
    scalars = FloatArray.allocate(arena, 4);
    history = new LbfgsHistory(arena, n, config.historySize(), config.maxIter());
    StrongWolfe.Point[] points = new StrongWolfe.Point[3];
    for (int i = 0; i < points.length; i++) {
      points[i] = new StrongWolfe.Point(new FlatVector(arena, n));
    }
    current = points[0];
    search = new StrongWolfe(points);
    d = new FlatVector(arena, n);
    gradientBefore = new FlatVector(arena, n);
    lineStart = new FlatVector(arena, n);
    valuesAtStart = new FlatVector(arena, n);
    directionAtStart = new FlatVector(arena, n);
    gradientBeforeAtStart = new FlatVector(arena, n);
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Lbfgs of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, LbfgsConfig.DEFAULT);
  }

  /// {@return a new optimizer whose state lies in `arena`}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the hyper-parameters
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Lbfgs of(Arena arena, List<Parameter> parameters, LbfgsConfig config) {
    return new Lbfgs(arena, parameters, config);
  }

  /// Updates the parameters by up to `maxIter` iterations, and returns the loss before.
  ///
  /// A loss or a gradient that is not finite is refused. But if a trial of the line search has a
  /// loss of +infinity, the search goes on with shorter steps. If this throws, parameters and state
  /// are as they were before, and the gradients are those of the last evaluation.
  ///
  /// @param closure sets the gradients to zero, runs the model forward and backward with the
  ///     parameters as they are, and returns the loss
  /// @return the loss before the step, the first that the closure has returned
  /// @throws ArithmeticException if the loss or the gradient is not finite
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public double step(DoubleSupplier closure) {
    requireUsable();
    this.closure = closure;
    parameters.copyValuesTo(valuesAtStart);
    directionAtStart.copyFrom(d);
    gradientBeforeAtStart.copyFrom(gradientBefore);
    history.mark();
    long evaluationsAtStart = evaluations;
    long iterationsAtStart = iterations;
    float stepAtStart = t;
    float scaleAtStart = scale;
    boolean succeeded = false;
    try {
      double loss = minimize();
      succeeded = true;
      return loss;
    } finally {
      this.closure = null;
      if (!succeeded) {
        parameters.copyValuesFrom(valuesAtStart);
        d.copyFrom(directionAtStart);
        gradientBefore.copyFrom(gradientBeforeAtStart);
        history.rollBack();
        evaluations = evaluationsAtStart;
        iterations = iterationsAtStart;
        t = stepAtStart;
        scale = scaleAtStart;
      }
    }
  }

  private double minimize() {
    evaluate(current, false);
    double firstLoss = current.loss;
    int evaluationsOfStep = 1;
    evaluations++;
    boolean done = current.gradient.absMax() <= config.toleranceGrad();
    for (int i = 1; !done; i++) {
      iterations++;
      double lossBefore = current.loss;
      findDirection();
      current.slope = current.gradient.dot(d);
      if (current.slope > -config.toleranceChange()) {
        break;
      }
      boolean last = i == config.maxIter();
      int evaluated = move(last, config.maxEval() - evaluationsOfStep);
      evaluationsOfStep += evaluated;
      evaluations += evaluated;
      done =
          last
              || evaluationsOfStep >= config.maxEval()
              || current.gradient.absMax() <= config.toleranceGrad()
              || Math.abs(t) * d.absMax() <= config.toleranceChange()
              || Math.abs(current.loss - lossBefore) < config.toleranceChange();
    }
    return firstLoss;
  }

  /// Sets the direction from the history, and the first step length.
  private void findDirection() {
    double step = learningRate;
    if (iterations == 1) {
      history.reset(0);
      scale = 1;
      d.negate(current.gradient);
      step *= Math.min(1, 1 / current.gradient.absSum());
    } else {
      scale = history.add(current.gradient, gradientBefore, d, t, scale);
      history.direction(current.gradient, scale, d);
    }
    gradientBefore.copyFrom(current.gradient);
    t = (float) step;
  }

  /// Moves the parameters along the direction, and returns how often that evaluated the loss.
  ///
  /// @param last without a line search, the loss after the last move is not needed
  private int move(boolean last, int evaluationsLeft) {
    if (config.lineSearchFn() == LineSearch.NONE) {
      parameters.add(t, d);
      if (last) {
        return 0;
      }
      evaluate(current, false);
      return 1;
    }
    parameters.copyValuesTo(lineStart);
    current =
        search.search(line, current, t, d.absMax(), config.toleranceChange(), evaluationsLeft);
    t = (float) current.step;
    parameters.add(t, d);
    return search.evaluations();
  }

  private void evaluateTrial(StrongWolfe.Point point, double step) {
    parameters.add(step, d);
    evaluate(point, true);
    point.slope = point.gradient.dot(d);
    parameters.copyValuesFrom(lineStart);
  }

  /// Asks the closure for the loss and the gradient of the parameters as they are.
  private void evaluate(StrongWolfe.Point point, boolean trial) {
    point.loss = closure.getAsDouble();
    requireUsable();
    parameters.copyGradientsTo(point.gradient);
    if (trial && point.loss == Double.POSITIVE_INFINITY) {
      return;
    }
    if (!Double.isFinite(point.loss)) {
      throw new ArithmeticException("the loss is " + point.loss + ", must be finite");
    }
    float largest = point.gradient.absMax();
    if (!Float.isFinite(largest)) {
      throw new ArithmeticException(
          "the gradient has an element of size " + largest + ", must be finite");
    }
  }

  /// Sets every gradient to zero. If this throws, none has changed.
  ///
  /// @throws IllegalStateException if the arena of a gradient is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void zeroGrad() {
    parameters.zeroGrad();
  }

  @Override
  public double learningRate() {
    return learningRate;
  }

  @Override
  public void setLearningRate(double learningRate) {
    this.learningRate = LbfgsConfig.atLeastZero("lr", learningRate);
  }

  /// {@return how often the closure has been called}
  public long functionEvaluations() {
    return evaluations;
  }

  /// {@return how many iterations all steps together have made}
  public long iterations() {
    return iterations;
  }

  /// {@return the state under PyTorch's names, after that of the first parameter: `0.weight.d`}
  ///
  /// It is empty before the first step. The pairs of the history are `0.weight.old_dirs.0`,
  /// `0.weight.old_stps.0` and `0.weight.ro.0`, from the oldest on. Vectors have an element for
  /// each element of the parameters. The dictionary shares the arrays of the optimizer: copy it
  /// before the next step. Hyper-parameters and the learning rate are not in it.
  ///
  /// @throws IllegalStateException if the arena of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  public StateDict stateDict() {
    scalars.set(0, (float) evaluations);
    scalars.set(1, (float) iterations);
    scalars.set(2, t);
    scalars.set(3, scale);
    return evaluations == 0 ? new StateDict() : dictionary(iterations > 0, history.count());
  }

  private StateDict dictionary(boolean moved, int pairs) {
    String prefix = parameters.firstName() + ".";
    Shape all = Shape.of(parameters.length());
    StateDict state = new StateDict();
    state.put(prefix + "func_evals", Shape.of(), scalars.slice(0, 1));
    state.put(prefix + "n_iter", Shape.of(), scalars.slice(1, 1));
    if (moved) {
      state.put(prefix + "t", Shape.of(), scalars.slice(2, 1));
      state.put(prefix + "H_diag", Shape.of(), scalars.slice(3, 1));
      state.put(prefix + "d", all, d.array());
      state.put(prefix + "prev_flat_grad", all, gradientBefore.array());
    }
    for (int i = 0; i < pairs; i++) {
      state.put(prefix + "old_dirs." + i, all, history.change(i).array());
      state.put(prefix + "old_stps." + i, all, history.step(i).array());
      state.put(prefix + "ro." + i, Shape.of(), history.ro(i));
    }
    return state;
  }

  /// Copies a [state][#stateDict] of L-BFGS for the same parameters. The next step then does, bit
  /// for bit, what the optimizer that the state came from would do. If this throws, nothing has
  /// changed.
  ///
  /// @param state what [#stateDict] gave, with at most `historySize` pairs; it is copied
  /// @throws IllegalArgumentException if names or shapes differ, if it has more pairs, if a count
  ///     is not a whole number of at least 0, or if a value is not finite
  /// @throws IllegalStateException if the arena of an array on either side is closed
  /// @throws WrongThreadException if it is confined to another thread
  public void loadStateDict(StateDict state) {
    requireUsable();
    String prefix = parameters.firstName() + ".";
    if (state.names().isEmpty()) {
      history.reset(0);
      evaluations = 0;
      iterations = 0;
      return;
    }
    LbfgsState.require(state, prefix, config.historySize());
    long loadedEvaluations = LbfgsState.count(state, prefix + "func_evals");
    long loadedIterations = LbfgsState.count(state, prefix + "n_iter");
    int pairs = LbfgsState.pairs(state, prefix);
    history.mark();
    history.reset(pairs);
    try {
      dictionary(loadedIterations > 0, pairs).copyFrom(state); // checks all before it copies
    } catch (IllegalArgumentException e) {
      history.rollBack();
      throw e;
    }
    evaluations = loadedEvaluations;
    iterations = loadedIterations;
    t = scalars.get(2);
    scale = scalars.get(3);
  }

  private void requireUsable() {
    parameters.requireUsable();
    scalars.requireUsable("the state");
  }
}
