package io.github.lanewise.nn;

import java.util.concurrent.atomic.AtomicBoolean;

/// Lets one call at a time into a session, and refuses any other call instead of making it wait.
///
/// Two calls in one session would overwrite each other's scratch and answer wrongly. [#enter] is a
/// single compare-and-set, a few nanoseconds, and allocates nothing. Whatever a call wrote is
/// visible to the next one, on whichever thread.
final class Exclusive {
  private final AtomicBoolean taken = new AtomicBoolean();

  /// Begins a call. Every call that has entered must [leave][#leave], in a `finally` block.
  ///
  /// @throws IllegalStateException if another call has entered and not left
  void enter() {
    if (!taken.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this session is in use by another thread, or by a call of this thread that has not"
              + " returned: give each thread a session of its own");
    }
  }

  /// Ends the call that has entered.
  void leave() {
    taken.setRelease(false);
  }
}
