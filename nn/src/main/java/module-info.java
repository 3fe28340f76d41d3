/// Layers, losses, models and their sessions, and the files of models and data sets.
module io.github.lanewise.nn {
  requires transitive io.github.lanewise.core;
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;

  exports io.github.lanewise.nn;
  exports io.github.lanewise.nn.io;
}
