package io.github.lanewise.nn;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The swap of a model in a pool, from the making of the new one to the end of the old one.
@Name("lanewise.ModelSwap")
@Label("Model Swap")
@Category("Lanewise")
@StackTrace(false)
final class SwapEvent extends Event {
  @Label("Generation")
  long generation;

  @Label("Bytes of the New Model")
  @DataAmount
  long bytes;
}
