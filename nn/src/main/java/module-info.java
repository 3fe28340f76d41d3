/// Layers, losses, models and their sessions.
module io.github.lanewise.nn {
  requires transitive io.github.lanewise.core;

  exports io.github.lanewise.nn;
}
