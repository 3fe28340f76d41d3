package io.github.lanewise.nn;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The warm-up of a model.
@Name("lanewise.WarmUp")
@Label("Warm-Up")
@Category("Lanewise")
@StackTrace(false)
final class WarmUpEvent extends Event {
  @Label("Calls")
  long calls;

  @Label("Bytes Allocated by the Last Calls")
  @DataAmount
  long bytes;
}
