package io.github.lanewise.core;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.OptionalInt;

/// One step of a network, as an immutable description: it turns rows of features into rows of
/// features.
///
/// A program may add layers of its own. One class says how wide the outputs are, which parameters
/// there are, and how to compute [forward][#forward] and [backward][#backward] on a [Batch]; then
/// sessions train and serve it like every other layer. A layer holds no state: parameters and
/// gradients come with each call. It must allocate nothing in these calls, and use no random
/// numbers but those that depend on its settings and on [Batch#step].
///
/// The interface is part of core, and not of the module for networks, so that every [Activation] is
/// a layer without a wrapper.
public interface Layer {
  /// {@return the number of features of an output row, if input rows have `inputs` features; as
  /// many, unless a layer says otherwise}
  ///
  /// @param inputs the number of features of an input row
  /// @throws IllegalArgumentException if the layer does not accept that number
  default int outputs(int inputs) {
    return inputs;
  }

  /// {@return the number of features of an input row, if output rows have `outputs` features; as
  /// many, unless a layer says otherwise}
  ///
  /// A network finds the widths of its rows by asking its layers, from the last to the first. A
  /// layer whose input width is fixed, such as a linear one, returns it whatever `outputs` is, and
  /// leaves it to [#outputs(int)] to check the other width. Any other layer returns empty if
  /// `outputs` is empty.
  ///
  /// @param outputs the number of features of an output row; empty if it is not known
  /// @throws IllegalArgumentException if no number of inputs gives that number of outputs
  default OptionalInt inputs(OptionalInt outputs) {
    return outputs;
  }

  /// {@return what parameters the layer has, in PyTorch's order; none, unless a layer says
  /// otherwise}
  default List<ParameterSpec> parameters() {
    return List.of();
  }

  /// Overwrites `y` with the output for `x`, as it is when the network answers: in PyTorch's words,
  /// in evaluation mode.
  ///
  /// @param x rows of inputs
  /// @param parameters their values, in the order of [#parameters]
  /// @param y as many rows of outputs, in other memory than `x`
  void forward(Batch x, List<FloatArray> parameters, Batch y);

  /// Overwrites `y` with the output for `x` in training; the same as [#forward], unless a layer
  /// says otherwise.
  ///
  /// @param x rows of inputs
  /// @param parameters their values, in the order of [#parameters]
  /// @param y as many rows of outputs, in other memory than `x`
  default void forwardInTraining(Batch x, List<FloatArray> parameters, Batch y) {
    forward(x, parameters, y);
  }

  /// Adds to the gradients of the parameters, and overwrites `gx` with the gradient of `x`.
  ///
  /// @param x what [#forwardInTraining] read
  /// @param y what it wrote
  /// @param gy the gradient of `y`
  /// @param parameters the values with which it computed
  /// @param gradients of the parameters, to be added to
  /// @param gx in other memory than `gy`; null if nobody needs it
  void backward(
      Batch x,
      Batch y,
      Batch gy,
      List<FloatArray> parameters,
      List<FloatArray> gradients,
      Batch gx);

  /// {@return the layer as it is served: with a copy of its parameters, which is
  /// [loaded][ServedLayer#load] later} By default the copy is used by [#forward].
  ///
  /// @param inputs the number of features of an input row
  /// @param arena the owner of the copy
  default ServedLayer serve(int inputs, Arena arena) {
    Layer layer = this;
    List<FloatArray> copies =
        parameters().stream()
            .map(parameter -> FloatArray.allocate(arena, parameter.shape().elements()))
            .toList();
    return new ServedLayer() {
      @Override
      public void load(List<FloatArray> parameters) {
        for (int i = 0; i < copies.size(); i++) {
          copies.get(i).copyFrom(parameters.get(i));
        }
      }

      @Override
      public void forward(Batch x, Batch y) {
        layer.forward(x, copies, y);
      }
    };
  }

  /// {@return the layer as it is served in half the memory: with its weights as bfloat16} The same
  /// as [#serve], unless a layer says otherwise: only large weights are worth it.
  ///
  /// @param inputs the number of features of an input row
  /// @param arena the owner of the copy
  default ServedLayer serveCompact(int inputs, Arena arena) {
    return serve(inputs, arena);
  }
}
