package io.github.lanewise.core;

/// A step of a network, as an immutable description: rows of features in, rows of features out.
///
/// It stands here, and not with the networks, so that an [Activation] is a layer as it is.
public interface Layer {
  /// {@return how many features come out when `inputs` features go in}
  ///
  /// @param inputs the features that go in
  /// @throws IllegalArgumentException if the layer does not accept so many
  int outputs(int inputs);
}
