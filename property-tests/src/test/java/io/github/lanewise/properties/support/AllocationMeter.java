package io.github.lanewise.properties.support;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;

/// Counts the bytes that calls allocate on the heap.
public final class AllocationMeter {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// The calls whose bytes are counted together.
  public static final int CALLS = 200;

  /// The compilers work in the background, and share two cores with other tests.
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /// After so many calls HotSpot has decided to compile what they run. From then on there is a
  /// pause after each [#CALLS] of them: more calls would only take time from the compilers.
  private static final int COUNTED_CALLS = 10_000;

  private static final long PAUSE_NANOS = 1_000_000;

  /// Other threads of the JVM may allocate while one measures; one quiet moment is enough.
  private static final int FRESH_THREADS = 50;

  private AllocationMeter() {}

  /// Runs until [#CALLS] calls allocate nothing, or patience ends; returns the bytes of the last
  /// ones.
  public static long bytesOnceCompiled(Runnable call) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long bytes = bytes(call, CALLS);
    for (int calls = CALLS; bytes != 0 && System.nanoTime() < deadline; calls += CALLS) {
      if (calls >= COUNTED_CALLS) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      bytes = bytes(call, CALLS);
    }
    return bytes;
  }

  /// The bytes of calls on this thread, which is a platform thread.
  public static long bytes(Runnable call, int calls) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /// The bytes of the first call that a virtual thread makes: the fewest of several threads, each
  /// of which makes one call.
  ///
  /// The JDK counts no bytes for a virtual thread. Those of all platform threads include what its
  /// carrier allocates for it, and what other threads allocate meanwhile.
  public static long bytesOnAFreshVirtualThread(Runnable call) throws InterruptedException {
    long[] bytes = {Long.MAX_VALUE};
    Runnable measured =
        () -> {
          long before = THREADS.getTotalThreadAllocatedBytes();
          call.run();
          bytes[0] = Math.min(bytes[0], THREADS.getTotalThreadAllocatedBytes() - before);
        };
    for (int i = 0; i < FRESH_THREADS && bytes[0] != 0; i++) {
      Thread.ofVirtual().start(measured).join();
    }
    return bytes[0];
  }
}
