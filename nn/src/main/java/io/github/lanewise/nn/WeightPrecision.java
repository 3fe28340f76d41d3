package io.github.lanewise.nn;

/// How a served model keeps the weights of its linear layers.
public enum WeightPrecision {
  /// As floats: the model answers exactly as it did in training.
  FLOAT32,

  /// As bfloat16, the upper halves of floats: half the memory, and single rows are faster where the
  /// weights do not fit the caches. Each weight changes by at most 1/256 of itself, biases and all
  /// other parameters do not; sums are those of floats. Measure what that does to the answers of
  /// your model before you choose it.
  BFLOAT16
}
