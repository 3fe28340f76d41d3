package io.github.lanewise.core;

import java.util.OptionalInt;

/// One step of a network, as an immutable description: it turns rows of features into rows of
/// features.
///
/// The interface is part of core, and not of the module for networks, so that every [Activation] is
/// a layer without a wrapper.
public interface Layer {
  /// {@return the number of features of an output row, if input rows have `inputs` features}
  ///
  /// @param inputs the number of features of an input row
  /// @throws IllegalArgumentException if the layer does not accept that number
  int outputs(int inputs);

  /// {@return the number of features of an input row, if output rows have `outputs` features}
  ///
  /// A network finds the widths of its rows by asking its layers, from the last to the first. A
  /// layer whose input width is fixed, such as a linear one, returns it whatever `outputs` is, and
  /// leaves it to [#outputs(int)] to check the other width. Any other layer returns empty if
  /// `outputs` is empty.
  ///
  /// @param outputs the number of features of an output row; empty if it is not known
  /// @throws IllegalArgumentException if no number of inputs gives that number of outputs
  OptionalInt inputs(OptionalInt outputs);
}
