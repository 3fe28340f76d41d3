/// Layers, losses, models and sessions, and the files that models and data sets are read from.
module io.github.lanewise.nn {
  requires transitive io.github.lanewise.core;
  requires com.fasterxml.jackson.core;
  requires de.siegmar.fastcsv;
  requires jdk.management;
  requires static com.google.protobuf;
  requires static jdk.jfr;

  exports io.github.lanewise.nn;
  exports io.github.lanewise.nn.io;
  exports io.github.lanewise.nn.io.onnx;
}
