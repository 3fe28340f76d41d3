package io.github.lanewise.nn;

import java.time.Duration;
import java.util.Locale;

/// What a warm-up has done, and how calls run after it.
///
/// HotSpot interprets new code at first, where each vector is an object: the first calls of a small
/// network take milliseconds and allocate. A warm-up runs the code until it is compiled, before the
/// first request comes.
///
/// It runs each layer by itself first, with as few features as run the same loops, and then whole
/// calls. That takes less time than whole calls alone, because the interpreter pays for every
/// element.
///
/// @param what was warmed up
/// @param took the time it took
/// @param calls how many whole calls were made
/// @param bytesPerCall what a call allocated on the heap in the end: 0, once everything is compiled
/// @param nanosPerCall the time of a call in the end, on average over the kinds of calls
/// @param isReady whether calls allocated nothing and ran at a steady rate in the end. If not, the
///     compilers had no time, or a layer allocates: the calls are as right as ever, but slower
public record WarmUp(
    String what,
    Duration took,
    long calls,
    double bytesPerCall,
    double nanosPerCall,
    boolean isReady) {

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s after %d ms and %d calls, %.1f us and %.1f bytes a call",
        what,
        isReady ? "ready" : "not ready",
        took.toMillis(),
        calls,
        nanosPerCall / 1000,
        bytesPerCall);
  }
}
