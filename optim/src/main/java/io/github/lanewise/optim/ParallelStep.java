package io.github.lanewise.optim;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// One step of an optimizer on several threads, which take parts of fixed size in turn.
///
/// A part is claimed by a compare-and-set on one long: its upper half is the number of the step,
/// and its lower half the number of parts that nobody has claimed. A task that the executor runs
/// late finds no part, or claims one of a later step, whose fields it then sees, because they are
/// written before that long.
final class ParallelStep implements Runnable {
  private static final int SPINS = 2000;

  private final AtomicLong unclaimed = new AtomicLong();
  private final AtomicInteger unfinished = new AtomicInteger();

  // Written before `unclaimed`, and read after it.
  private Run[] runs;
  private volatile Throwable failure;
  private volatile Thread caller;

  /// Makes the step, and returns when all parts are done.
  void step(Run[] runs, Executor executor, int threads) {
    int count = 0;
    for (Run run : runs) {
      count += parts(run);
    }
    this.runs = runs;
    failure = null;
    caller = Thread.currentThread();
    unfinished.set(count);
    unclaimed.set((((unclaimed.get() >>> 32) + 1) << 32) | count);
    for (int i = 1; i < Math.min(threads, count); i++) {
      executor.execute(this);
    }
    run();
    for (int spins = 0; unfinished.get() > 0; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, 50_000);
      }
    }
    if (failure != null) {
      throw new IllegalStateException("a part of the step failed: " + failure, failure);
    }
  }

  /// Requires that any thread may work on the arrays.
  static void requireShared(Run[] runs) {
    for (Run run : runs) {
      if (!run.isShared()) {
        throw new IllegalStateException(
            "a step on several threads needs arrays in shared arenas, but an array of "
                + run
                + " is confined to the thread that opened its arena");
      }
    }
  }

  private static int parts(Run run) {
    return Math.toIntExact(Math.ceilDiv(run.length(), run.part()));
  }

  /// Works on parts of the present step until all are taken.
  @Override
  public void run() {
    while (true) {
      long before = unclaimed.get();
      int left = (int) before;
      if (left == 0) {
        return;
      }
      if (unclaimed.compareAndSet(before, before - 1)) {
        try {
          step(left - 1);
        } catch (Throwable e) {
          failure = e;
        } finally {
          if (unfinished.decrementAndGet() == 0) {
            LockSupport.unpark(caller);
          }
        }
      }
    }
  }

  private void step(int part) {
    int first = 0;
    for (Run run : runs) {
      int count = parts(run);
      if (part < first + count) {
        long from = (part - first) * run.part();
        run.step(from, Math.min(run.length(), from + run.part()));
        return;
      }
      first += count;
    }
  }
}
