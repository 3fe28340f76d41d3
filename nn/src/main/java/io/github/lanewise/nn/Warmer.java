package io.github.lanewise.nn;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Runs code until it is compiled: the parts by themselves, then whole calls.
final class Warmer {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Longer than compilers need that share two cores with twenty other programs.
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /// HotSpot has decided to compile a loop after so many runs of it. Further runs only take time
  /// from the compilers, so there is a pause between them.
  private static final int COUNTED_RUNS = 2500;

  private static final long PAUSE_NANOS = 1_000_000;

  /// A part is compiled when so many runs in a row have allocated nothing.
  private static final int QUIET_RUNS = 5;

  /// HotSpot compiles a method for good after 5,000 calls, or fewer with loops in it.
  private static final int FEWEST_CALLS = 12_000;

  /// Long calls spend their time in loops, which are compiled by then.
  private static final long ENOUGH_NANOS = 150_000_000L;

  private static final int BLOCK_CALLS = 100;

  /// Calls are steady when so many blocks of them in a row allocate nothing and take about as much
  /// time of the processor as the fastest.
  private static final int STEADY_BLOCKS = 10;

  private static final double STEADY_FACTOR = 1.5;

  private final String what;
  private final long patienceNanos;
  private final List<Runnable> parts = new ArrayList<>();
  private final List<Runnable> calls = new ArrayList<>();
  private final long start = System.nanoTime();

  private long made;
  private double bytes;
  private double nanos;

  Warmer(String what) {
    this(what, PATIENCE_NANOS);
  }

  /// @param patienceNanos the longest time for all parts, and for each call
  Warmer(String what, long patienceNanos) {
    this.what = what;
    this.patienceNanos = patienceNanos;
  }

  /// Adds code that is run by itself before all calls.
  void part(Runnable code) {
    parts.add(code);
  }

  /// Adds a whole call.
  void call(Runnable code) {
    calls.add(code);
  }

  /// Runs everything on the calling thread; on a platform thread beside it if that is a virtual
  /// one, whose bytes the JDK does not count.
  WarmUp run() {
    if (!Thread.currentThread().isVirtual()) {
      return runHere();
    }
    WarmUp[] report = new WarmUp[1];
    Throwable[] failure = new Throwable[1];
    Thread thread =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((of, e) -> failure[0] = e)
            .start(() -> report[0] = runHere());
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure[0] != null) {
      throw new IllegalStateException("the warm-up failed: " + failure[0], failure[0]);
    }
    return report[0];
  }

  private WarmUp runHere() {
    Recorded event = Recorded.warmUp();
    runParts();
    boolean ready = true;
    for (Runnable call : calls) {
      ready &= runCalls(call);
    }
    event.end(made, Math.round(bytes));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new WarmUp(what, took, made, bytes / calls.size(), nanos / calls.size(), ready);
  }

  /// Runs the parts in turns, so that each is compiled while the others run.
  private void runParts() {
    List<Runnable> open = new ArrayList<>(parts);
    int[] quiet = new int[open.size()];
    long deadline = System.nanoTime() + patienceNanos;
    int left = open.size();
    for (int round = 0; left > 0 && System.nanoTime() < deadline; round++) {
      if (round > COUNTED_RUNS) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      left = 0;
      for (int i = 0; i < quiet.length; i++) {
        if (quiet[i] < QUIET_RUNS) {
          long before = THREADS.getCurrentThreadAllocatedBytes();
          open.get(i).run();
          boolean allocates = THREADS.getCurrentThreadAllocatedBytes() != before;
          quiet[i] = allocates ? 0 : quiet[i] + 1;
          left++;
        }
      }
    }
  }

  /// Makes calls until they are steady, and tells whether they are.
  private boolean runCalls(Runnable call) {
    long first = System.nanoTime();
    long fastest = Long.MAX_VALUE;
    long took = 0;
    long allocated = 0;
    int steady = 0;
    int count = 0;
    long now = first;
    long cpu = THREADS.getCurrentThreadCpuTime();
    while (now - first < patienceNanos
        && (steady < STEADY_BLOCKS || (count < FEWEST_CALLS && now - first < ENOUGH_NANOS))) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < BLOCK_CALLS; i++) {
        call.run();
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      now = System.nanoTime();
      took = THREADS.getCurrentThreadCpuTime() - cpu;
      cpu += took;
      fastest = Math.min(fastest, took);
      steady = allocated == 0 && took < STEADY_FACTOR * fastest ? steady + 1 : 0;
      count += BLOCK_CALLS;
    }
    made += count;
    bytes += (double) allocated / BLOCK_CALLS;
    nanos += (double) fastest / BLOCK_CALLS;
    return steady >= STEADY_BLOCKS;
  }
}
