package io.github.lanewise.bench.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Watches for Ctrl-C, and makes the end of the JVM wait until the training has saved what it has.
final class Interruption implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::waitUntilClosed, "lanewise-interruption");
  private volatile boolean requested;

  private Interruption() {}

  /// Begins to watch.
  static Interruption watch() {
    Interruption watching = new Interruption();
    Runtime.getRuntime().addShutdownHook(watching.hook);
    return watching;
  }

  /// Whether the JVM is asked to end.
  boolean isRequested() {
    return requested;
  }

  private void waitUntilClosed() {
    requested = true;
    try {
      boolean done = closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assert done : "the training did not stop";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Ends the watch: the JVM may end at any time.
  @Override
  public void close() {
    closed.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        requested = true; // the JVM ends just as the watch does
      }
    }
  }
}
