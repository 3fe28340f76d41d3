/// Optimizers with PyTorch's names, defaults and order of operations.
module io.github.lanewise.optim {
  requires transitive io.github.lanewise.core;

  exports io.github.lanewise.optim;
  exports io.github.lanewise.optim.lbfgs;
  exports io.github.lanewise.optim.rule;
  exports io.github.lanewise.optim.schedule;
}
