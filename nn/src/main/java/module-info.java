/// The files of a network: models as safetensors, data sets as CSV and IDX.
module io.github.lanewise.nn {
  requires transitive io.github.lanewise.core;
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;

  exports io.github.lanewise.nn.io;
}
