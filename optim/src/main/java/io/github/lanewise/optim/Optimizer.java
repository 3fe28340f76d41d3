package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.StateDict;
import java.lang.foreign.Arena;
import java.util.List;

/// Changes parameters by their gradients, one step at a time, so that a loss falls.
///
/// An optimizer is made for a list of parameters, by the `of` method of its class or by [#named].
/// Its state lies in the caller's arena and is allocated once: [#step] and [#zeroGrad] allocate
/// nothing. Parameters that follow one another in memory, as a model's do, are updated in one pass.
///
/// A gradient of zero counts as a gradient: the step is counted, momentum moves the parameters on
/// and weights decay.
///
/// Not thread-safe: one thread at a time may use an optimizer. It must be a thread that the arenas
/// of the parameters and of the state admit.
public sealed interface Optimizer permits Adadelta, Adagrad, Adam, AdamW, RmsProp, Sgd {
  /// The names that [#named] knows.
  List<String> NAMES = List.of("sgd", "adam", "adamw", "rmsprop", "adagrad", "adadelta");

  /// {@return a new optimizer with PyTorch's defaults but for the learning rate}
  ///
  /// @param name one of [#NAMES]
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param learningRate at least 0
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

  /// Updates every parameter once, from its gradient. If this throws, no parameter and no state has
  /// changed and no step has been counted.
  ///
  /// @throws IllegalStateException if the arena of a parameter or of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  void step();

  /// Sets every gradient to zero. If this throws, none has changed.
  ///
  /// @throws IllegalStateException if the arena of a gradient is closed
  /// @throws WrongThreadException if it is confined to another thread
  void zeroGrad();

  /// {@return the learning rate of the next step}
  double learningRate();

  /// Sets the learning rate from the next step on.
  ///
  /// @param learningRate at least 0
  /// @throws IllegalArgumentException if it is negative or not finite
  void setLearningRate(double learningRate);

  /// {@return the state under PyTorch's names, after the parameter's: `0.weight.exp_avg`}
  ///
  /// The dictionary shares the arrays of the optimizer, so it changes with each step. Where
  /// PyTorch's optimizer counts steps, `0.weight.step` of shape `[]` holds their number.
  /// Hyper-parameters and the learning rate are not in it.
  ///
  /// @throws IllegalStateException if the arena of the state is closed
  /// @throws WrongThreadException if it is confined to another thread
  StateDict stateDict();

  /// Copies a [state][#stateDict] of the same kind of optimizer for the same parameters. The next
  /// step then does, bit for bit, what the optimizer that the state came from would do. If this
  /// throws, nothing has changed.
  ///
  /// @param state what [#stateDict] gave; it is copied
  /// @throws IllegalArgumentException if names or shapes differ, if a `step` is not a whole number
  ///     of at least 0, or if it is not the same for all parameters
  /// @throws IllegalStateException if the arena of an array on either side is closed
  /// @throws WrongThreadException if it is confined to another thread
  void loadStateDict(StateDict state);
}
