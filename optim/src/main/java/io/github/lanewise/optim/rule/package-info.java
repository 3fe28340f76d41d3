/// The rules of optimizers: one record for each, with its settings, its states and the scalars of a
/// step.
///
/// A record checks its values, and [Rules] finds it by its name. What a step does with it is in
/// `optim.Optimizer`; the loops stand in `core`. Conventions of PyTorch, Optax and Keras, side by
/// side, are in the description of the package `optim`.
package io.github.lanewise.optim.rule;
