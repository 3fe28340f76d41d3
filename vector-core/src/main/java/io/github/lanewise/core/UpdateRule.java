package io.github.lanewise.core;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A rule by which an optimizer changes parameters: the names of its settings and states, the
/// scalars of a step, and a loop.
///
/// The rules of `optim` are records that implement this interface, and so may yours be. Whatever
/// runs a rule gives it parameter groups, schedules, clipping, decay, averaging, states of lower
/// precision, state dictionaries and steps on several threads.
///
/// An object of the interface is immutable. Its values are those that a group begins with; from
/// then on they live in [UpdateSettings], where they may change between steps.
public interface UpdateRule {
  /// {@return the name that files and messages use, as PyTorch has it where it has the rule}
  String name();

  /// {@return the settings with their first values; one of them is `lr`}
  ///
  /// The optimizer itself takes care of three that need not be in the list, since they work for
  /// every rule: `weightDecay`, `decoupledWeightDecay` and `maximize`. A rule that lists one gives
  /// it another first value.
  List<Setting> settings();

  /// {@return the states, in the order in which the loop finds them}
  List<State> states();

  /// {@return the loop; the same object at each call}
  UpdateLoop loop();

  /// Computes the scalars of a step in double and rounds them once.
  ///
  /// @param settings their values in this step
  /// @param t the number of this step for these parameters, from 1
  /// @param memory what the last step left here, and what this one leaves; empty for a rule without
  ///     a [#memory]
  /// @param c receives what the loop finds in its last argument
  void scalars(UpdateSettings settings, long t, double[] memory, float[] c);

  /// {@return how many scalars the loop has at most}
  default int scalarCount() {
    return 12;
  }

  /// {@return scalars that a parameter keeps from step to step, such as NAdam's product of momenta}
  default List<Memory> memory() {
    return List.of();
  }

  /// {@return what `weightDecay` does}
  ///
  /// @param settings their values in this step
  default Decay decay(UpdateSettings settings) {
    return settings.is("decoupledWeightDecay") ? Decay.DECOUPLED : Decay.L2;
  }

  /// {@return how the parameters that a model is evaluated with differ from those between steps;
  /// empty if they do not}
  ///
  /// @param settings their present values
  default Optional<Evaluation> evaluation(UpdateSettings settings) {
    return Optional.empty();
  }

  /// {@return whether the state dictionary shows the number of steps, as PyTorch's does}
  default boolean countsSteps() {
    return true;
  }

  /// Refuses values that are allowed one by one but not together, or not with this rule's states.
  ///
  /// @param settings the values that are about to hold
  /// @throws IllegalArgumentException if they do not fit
  default void check(UpdateSettings settings) {}

  /// One state: an array with an element for each element of the parameters.
  ///
  /// @param name as in PyTorch's state dictionary, such as `exp_avg`
  /// @param initial the value of each element before the first step
  /// @param nonNegative whether elements are never below 0; states of 8 bits then need no sign
  record State(String name, float initial, boolean nonNegative) {
    /// Requires a name.
    public State {
      Objects.requireNonNull(name, "name is null");
    }

    /// {@return a state of zeros}
    ///
    /// @param name as in PyTorch's state dictionary
    public static State of(String name) {
      return new State(name, 0f, false);
    }

    /// {@return a state of zeros, which never falls below 0}
    ///
    /// @param name as in PyTorch's state dictionary
    public static State nonNegative(String name) {
      return new State(name, 0f, true);
    }
  }

  /// One scalar that a parameter keeps from step to step.
  ///
  /// @param name as in PyTorch's state dictionary, such as `mu_product`
  /// @param initial its value before the first step
  /// @param isDouble whether it is a double, which the dictionary holds as the sum of two floats;
  ///     otherwise it is rounded to a float after each step
  record Memory(String name, double initial, boolean isDouble) {
    /// Requires a name.
    public Memory {
      Objects.requireNonNull(name, "name is null");
    }
  }

  /// What becomes of the setting `weightDecay`, called wd here.
  enum Decay {
    /// An L2 penalty: wd p is added to the gradient.
    L2,
    /// p is multiplied by 1 - lr wd before the rule is applied.
    DECOUPLED,
    /// The rule uses it in its own way.
    OWN
  }

  /// Parameters for evaluation, which lie between those of training and a state, or beyond:
  /// p + weight (state - p).
  ///
  /// @param state the position of the state
  /// @param toEvaluate the weight that makes them
  /// @param toTrain the weight that brings those of training back
  record Evaluation(int state, double toEvaluate, double toTrain) {}
}
