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
/// written before that long. Such a task counts as one of that step, so that no more of them wait
/// in the executor than there are threads.
final class ParallelStep {
  private static final int SPINS = 2000;

  private final AtomicLong unclaimed = new AtomicLong();
  private final AtomicInteger unfinished = new AtomicInteger();

  /// Tasks that the executor has not begun.
  private final AtomicInteger waiting = new AtomicInteger();

  private final Runnable task = this::help; // one for all steps, since a step must not allocate
  private Executor executor;

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
    ask(executor, Math.min(threads, count) - 1);
    work();
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

  /// Has the executor run tasks until `helpers` of them wait. If it refuses one, the step goes on
  /// without: the calling thread takes every part that nobody else takes.
  private void ask(Executor executor, int helpers) {
    if (!executor.equals(this.executor)) {
      this.executor = executor;
      waiting.set(0); // another one may have ended without running its tasks
    }
    for (int more = helpers - waiting.get(); more > 0; more--) {
      waiting.incrementAndGet();
      try {
        executor.execute(task);
      } catch (RuntimeException e) { // whatever its reason, the step must not stay half done
        waiting.decrementAndGet();
        return;
      }
    }
  }

  private void help() {
    waiting.decrementAndGet();
    work();
  }

  /// Works on parts of the present step until all are taken.
  private void work() {
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
