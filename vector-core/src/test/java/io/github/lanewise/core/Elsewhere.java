package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

/// Calls on a thread that owns no arena.
final class Elsewhere {
  private Elsewhere() {}

  /// Returns the exception with which `call` refuses the other thread.
  static WrongThreadException refused(Runnable call) throws InterruptedException {
    Throwable[] thrown = new Throwable[1];
    Thread thread = new Thread(call);
    thread.setUncaughtExceptionHandler((other, e) -> thrown[0] = e);
    thread.start();
    thread.join();
    return assertInstanceOf(WrongThreadException.class, thrown[0]);
  }
}
