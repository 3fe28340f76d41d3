package io.github.lanewise.bench.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/// Calls at a fixed rate from several threads, each measured from the time at which it was meant
/// to start.
///
/// A caller that waits for an answer before it sends the next request does not notice the requests
/// that a pause has kept back. Here the times are fixed beforehand: a call that starts late,
/// because those before it took long, counts the delay too. A thread that makes no calls, and only
/// looks at the clock at fixed times, shows what the machine adds by itself.
final class OpenLoop {
  private static final long IDLE_INTERVAL_NANOS = 100_000;

  /// The latest time before a start until which a thread sleeps; after it, it watches the clock.
  private static final long WATCHED_NANOS = 100_000;

  private static final long LONGEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;

  private OpenLoop() {}

  /// The times of the calls, and those of the idle thread, in nanoseconds.
  record Times(Histogram calls, Histogram idle) {}

  /// Returns how many calls a second the threads make where each follows the one before.
  ///
  /// @param call makes the call of a thread
  static double saturation(int threads, double seconds, Supplier<Runnable> call) {
    long[] counts = new long[threads];
    List<Thread> all = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int i = 0; i < threads; i++) {
      int number = i;
      Runnable own = call.get();
      all.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (System.nanoTime() < end) {
                      own.run();
                      counts[number]++;
                    }
                  }));
    }
    join(all);
    long calls = 0;
    for (long count : counts) {
      calls += count;
    }
    return calls / seconds;
  }

  /// Makes calls at a fixed rate.
  ///
  /// @param perSecond the calls of all threads together
  /// @param call makes the call of a thread
  static Times run(int threads, double perSecond, double seconds, Supplier<Runnable> call) {
    Histogram calls = new Histogram(LONGEST_NANOS, DIGITS);
    Histogram idle = new Histogram(LONGEST_NANOS, DIGITS);
    List<Histogram> parts = new ArrayList<>();
    List<Thread> all = new ArrayList<>();
    CountDownLatch ready = new CountDownLatch(threads + 1);
    double interval = threads / perSecond * 1e9;
    long length = (long) (seconds * 1e9);
    for (int i = 0; i < threads; i++) {
      Histogram own = new Histogram(LONGEST_NANOS, DIGITS);
      parts.add(own);
      Runnable code = call.get();
      long shift = (long) (interval * i / threads);
      all.add(
          Thread.ofPlatform()
              .start(() -> pace(ready, threads + 1, shift, interval, length, code, own)));
    }
    all.add(
        Thread.ofPlatform()
            .start(() -> pace(ready, threads + 1, 0, IDLE_INTERVAL_NANOS, length, () -> {}, idle)));
    join(all);
    parts.forEach(calls::add);
    return new Times(calls, idle);
  }

  private static void pace(
      CountDownLatch ready,
      int parties,
      long shift,
      double interval,
      long length,
      Runnable call,
      Histogram times) {
    ready.countDown();
    while (ready.getCount() > 0) {
      LockSupport.parkNanos(WATCHED_NANOS);
    }
    boolean isCrowded = parties > Runtime.getRuntime().availableProcessors();
    long first = System.nanoTime() + shift;
    for (long i = 0; i * interval < length; i++) {
      long start = first + (long) (i * interval);
      await(start, isCrowded);
      call.run();
      times.recordValue(Math.clamp(System.nanoTime() - start, 0, LONGEST_NANOS));
    }
  }

  /// Waits until `start`. Where more threads than processors watch the clock, each leaves its
  /// processor to the next one after a look, or a call would wait for a whole slice of the
  /// system's.
  @SuppressWarnings("ThreadPriorityCheck") // who else runs is what is measured
  private static void await(long start, boolean isCrowded) {
    for (long left = start - System.nanoTime(); left > 0; left = start - System.nanoTime()) {
      if (left > WATCHED_NANOS) {
        LockSupport.parkNanos(left - WATCHED_NANOS);
      } else if (isCrowded) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static void join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the measurement was interrupted", e);
    }
  }
}
