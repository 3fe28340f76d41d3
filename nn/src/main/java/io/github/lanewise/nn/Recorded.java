package io.github.lanewise.nn;

import jdk.jfr.FlightRecorder;

/// Events of Flight Recorder, where the JDK has it: the module `jdk.jfr` is optional, and no class
/// of it may be touched without it.
abstract class Recorded {
  private static final boolean PRESENT = isPresent();

  private static final Recorded NONE =
      new Recorded() {
        @Override
        void end(long number, long amount) {}
      };

  private static boolean isPresent() {
    return ModuleLayer.boot().findModule("jdk.jfr").isPresent()
        && (!Recorded.class.getModule().isNamed()
            || Recorded.class
                .getModule()
                .canRead(ModuleLayer.boot().findModule("jdk.jfr").orElseThrow()));
  }

  /// Tells whether there may be a recording. Without one an event would be thrown away, and making
  /// the first one takes Flight Recorder 200 ms.
  private static boolean isRunning() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /// {@return the event of a swap, which begins} It ends with the number of the new model and the
  /// bytes it takes.
  static Recorded swap() {
    return isRunning() ? new Swap() : NONE;
  }

  /// {@return the event of a warm-up, which begins} It ends with the number of calls and the bytes
  /// that the last ones allocated.
  static Recorded warmUp() {
    return isRunning() ? new Warming() : NONE;
  }

  /// Ends the event, and writes it if a recording wants it.
  abstract void end(long number, long amount);

  private static final class Swap extends Recorded {
    private final SwapEvent event = new SwapEvent();

    Swap() {
      event.begin();
    }

    @Override
    void end(long number, long amount) {
      event.generation = number;
      event.bytes = amount;
      event.commit();
    }
  }

  private static final class Warming extends Recorded {
    private final WarmUpEvent event = new WarmUpEvent();

    Warming() {
      event.begin();
    }

    @Override
    void end(long number, long amount) {
      event.calls = number;
      event.bytes = amount;
      event.commit();
    }
  }
}
