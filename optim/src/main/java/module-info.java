/// Optimizers with PyTorch's names, defaults and order of operations.
///
/// # What it is
///
/// An optimizer turns gradients into new parameters. Here a rule is a small record, and everything
/// around it is common to all rules: parameter groups, learning rates that change, clipping, weight
/// decay, averages, states of 8 or 16 bits, steps on several threads, and files. Rules of your own
/// have all of that too.
///
/// # A first example
///
/// Any parameter with a gradient can be moved, whether it is that of a network or not:
///
/// ```java
/// try (Arena arena = Arena.ofConfined()) {
///   FloatArray x = FloatArray.of(arena, -1f, 3f);
///   FloatArray gx = FloatArray.of(arena, 0.01f, 1f);
///   Parameter parameter = new Parameter("x", Shape.of(2), x, gx);
///   Optimizer sgd =
///       Optimizer.of(arena, List.of(parameter), SgdConfig.DEFAULT.withLearningRate(0.1));
///   sgd.step();
///   System.out.println(x); // [-1.001, 2.9]
/// }
/// ```
///
/// With a model of the module `io.github.lanewise.nn` the parameters are `model.parameters()`, and
/// a training session computes the gradients between `zeroGrad()` and `step()`.
///
/// # Where to go next
///
/// - [Optimizer][io.github.lanewise.optim.Optimizer] is the one class that makes steps;
///   [Passes][io.github.lanewise.optim.Passes] says what happens around the rule.
/// - [Rules][io.github.lanewise.optim.rule.Rules] lists the rules by name, from SGD and Adam to
///   Muon.
/// - [Scheduler][io.github.lanewise.optim.schedule.Scheduler] changes the learning rate by a
///   [Schedule][io.github.lanewise.optim.schedule.Schedule].
/// - [Lbfgs][io.github.lanewise.optim.lbfgs.Lbfgs] asks for the loss as often as it needs it.
/// - [UpdateRule][io.github.lanewise.core.UpdateRule] is the interface of rules of your own.
/// - The description of the package `io.github.lanewise.optim` sets the conventions of PyTorch,
///   Optax and Keras side by side.
module io.github.lanewise.optim {
  requires transitive io.github.lanewise.core;

  exports io.github.lanewise.optim;
  exports io.github.lanewise.optim.lbfgs;
  exports io.github.lanewise.optim.rule;
  exports io.github.lanewise.optim.schedule;
}
