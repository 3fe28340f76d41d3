package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// Moves parameters against their gradients, one step at a time.
///
/// An optimizer is made for a list of parameters, by the `of` method of its class or by [#named].
/// Its state lies in the caller's arena, one slab per kind of state in the order of the parameters,
/// and is allocated once: [#step] and [#zeroGrad] allocate nothing. Where parameters adjoin in
/// memory, as a model's do, one pass updates them all.
///
/// A gradient of zero is a gradient: the step counts, momentum carries on and weights decay. Not
/// thread-safe.
public sealed interface Optimizer permits Adadelta, Adagrad, Adam, AdamW, RmsProp, Sgd {
  /// The names that [#named] knows.
  List<String> NAMES = List.of("sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta");

  /// Returns a new optimizer with PyTorch's defaults but for the learning rate.
  ///
  /// @param name one of [#NAMES]
  /// @throws IllegalArgumentException if the name is unknown, the learning rate negative or not
  ///     finite, the list empty, or two parameters have the same name or share memory
  static Optimizer named(
      String name, Arena arena, List<Parameter> parameters, double learningRate) {
    return switch (name) {
      case "sgd" -> Sgd.of(arena, parameters, SgdConfig.DEFAULT.withLearningRate(learningRate));
      case "adam" -> Adam.of(arena, parameters, AdamConfig.DEFAULT.withLearningRate(learningRate));
      case "adamw" ->
          AdamW.of(arena, parameters, AdamWConfig.DEFAULT.withLearningRate(learningRate));
      case "rmsprop" ->
          RmsProp.of(arena, parameters, RmsPropConfig.DEFAULT.withLearningRate(learningRate));
      case "adagrad" ->
          Adagrad.of(arena, parameters, AdagradConfig.DEFAULT.withLearningRate(learningRate));
      case "adadelta" ->
          Adadelta.of(arena, parameters, AdadeltaConfig.DEFAULT.withLearningRate(learningRate));
      default ->
          throw new IllegalArgumentException(
              "there is no optimizer " + name + ", only " + String.join(", ", NAMES));
    };
  }

  /// Updates every parameter once, from its gradient.
  ///
  /// @throws IllegalStateException if an arena is closed
  void step();

  /// Sets every gradient to zero.
  void zeroGrad();

  /// The learning rate of the next step.
  double learningRate();

  /// Sets the learning rate from the next step on.
  ///
  /// @throws IllegalArgumentException if it is negative or not finite
  void setLearningRate(double learningRate);

  /// Returns the state under PyTorch's names, after the parameter's: `0.weight.exp_avg`.
  ///
  /// Arrays are shared, not copied. Where PyTorch counts steps, `0.weight.step` of shape `[]` holds
  /// their number. Hyper-parameters and the learning rate are not in it.
  StateDict stateDict();

  /// Copies a [state][#stateDict] of the same optimizer and parameters, so that the next step
  /// continues bit for bit where that one stopped.
  ///
  /// @throws IllegalArgumentException if names or shapes differ, or a step number is none or not
  ///     the same for all parameters; nothing has changed then
  void loadStateDict(StateDict state);
}
