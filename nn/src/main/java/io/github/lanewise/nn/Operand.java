package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;

/// The values with which a layer computes in a session, and the parameter's values behind them.
///
/// In training they are the same array. In inference the layer computes with a copy, which follows
/// the parameter only when it is [refreshed][#refresh].
///
/// @param source the values of the parameter
/// @param values the values to compute with
record Operand(FloatArray source, FloatArray values) {
  static Operand live(Parameter parameter) {
    return new Operand(parameter.value(), parameter.value());
  }

  /// A copy in `arena`, which holds zeros until it is refreshed.
  static Operand copied(Parameter parameter, Arena arena) {
    return new Operand(parameter.value(), FloatArray.allocate(arena, parameter.value().length()));
  }

  void refresh() {
    if (values != source) {
      values.copyFrom(source);
    }
  }
}
