package io.github.lanewise.core;

import java.util.OptionalInt;

/// One step of a network, as an immutable description: it reads rows of features and writes rows of
/// features.
///
/// The interface is part of the core, and not of the module of networks, so that every [Activation]
/// is a layer without a wrapper.
public interface Layer {
  /// {@return how many features come out when `inputs` features go in}
  ///
  /// @param inputs the features that go in
  /// @throws IllegalArgumentException if the layer does not accept so many
  int outputs(int inputs);

  /// {@return how many features a row must have before this layer so that it has `outputs` features
  /// after it} A network finds the width of its rows by asking its layers from last to first.
  ///
  /// A layer of a fixed width, such as a linear one, answers whatever `outputs` is, and does not
  /// check it: that is for [#outputs(int)]. Any other layer answers only if `outputs` is present.
  ///
  /// @param outputs empty if it is not known
  /// @throws IllegalArgumentException if no number of inputs gives so many outputs
  OptionalInt inputs(OptionalInt outputs);
}
