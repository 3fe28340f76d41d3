package io.github.lanewise.optim;

/// The precision that parameters have after each step. They lie in float arrays whatever it is.
public enum ParameterPrecision {
  /// Floats.
  FLOAT32,
  /// bfloat16, rounded at random, so that steps that are smaller than the spacing of bfloat16 count
  /// on average. The random bits are a hash of a seed, the step and the element.
  BFLOAT16_AT_RANDOM,
  /// bfloat16, rounded to nearest; what the rounding leaves is kept in a second array, in bfloat16
  /// too, and added to the parameter before the next step, as in Kahan's sum.
  BFLOAT16_COMPENSATED
}
