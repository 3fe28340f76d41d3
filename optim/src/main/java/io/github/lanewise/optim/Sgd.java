package io.github.lanewise.optim;

import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;
import java.util.List;

/// An optimizer with the rule of [SgdConfig].
public final class Sgd extends Optimizer {
  private Sgd(Arena arena, List<Parameter> parameters, SgdConfig config) {
    super(arena, parameters, config, Passes.NONE);
  }

  /// {@return a new optimizer with PyTorch's defaults}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Sgd of(Arena arena, List<Parameter> parameters) {
    return of(arena, parameters, SgdConfig.DEFAULT);
  }

  /// {@return a new optimizer}
  ///
  /// @param arena owns the optimizer's state
  /// @param parameters what the optimizer updates
  /// @param config the settings
  /// @throws IllegalArgumentException if the list is empty, or two parameters have the same name or
  ///     share memory
  public static Sgd of(Arena arena, List<Parameter> parameters, SgdConfig config) {
    return new Sgd(arena, parameters, config);
  }
}
