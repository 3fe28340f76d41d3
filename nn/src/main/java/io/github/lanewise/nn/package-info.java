/// Networks: described, given parameters, trained and asked for answers.
///
/// A [Sequential][io.github.lanewise.nn.Sequential] is an immutable description of layers. Its
/// `initialize` gives a [Model][io.github.lanewise.nn.Model], which is the description with
/// parameters. A model works through sessions: a
/// [TrainingSession][io.github.lanewise.nn.TrainingSession] computes a
/// [Loss][io.github.lanewise.nn.Loss] and the gradients, an
/// [InferenceSession][io.github.lanewise.nn.InferenceSession] answers. Names, defaults and results
/// are PyTorch's.
///
/// All memory comes from arenas of the caller. A null argument is a `NullPointerException` that
/// names it, and an array of a closed arena an `IllegalStateException`.
package io.github.lanewise.nn;
