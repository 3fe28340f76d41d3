package io.github.lanewise.bench.cli;

import io.github.lanewise.nn.Loss;

/// How a network is to be trained.
///
/// @param learning the optimizer and the schedule
/// @param loss what is made smaller
/// @param batch the number of rows in a step
/// @param epochs how often every row is learned
/// @param patience after how many epochs without a better one to stop; 0 for never
/// @param seed of the order of the rows
record Course(
    LearningOptions learning, Loss loss, int batch, int epochs, int patience, long seed) {}
