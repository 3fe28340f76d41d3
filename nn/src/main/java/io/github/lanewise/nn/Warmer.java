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

  /// HotSpot has decided to compile a loop after so many runs of it. Most of the runs beyond that
  /// only take time from the compilers, so there is a pause after each few of them.
  private static final int COUNTED_RUNS = 1000;

  private static final int RUNS_BETWEEN_PAUSES = 16;
  private static final long PAUSE_NANOS = 1_000_000;

  /// A part is compiled when so many runs in a row have allocated nothing.
  private static final int QUIET_RUNS = 5;

  /// HotSpot asks for the best code of a method after 5,000 calls, or fewer with loops in it. The
  /// methods that the program calls make up a quarter of the calls each.
  private static final int FEWEST_CALLS = 48_000;

  /// Long calls spend their time in loops, which are compiled by then.
  private static final long ENOUGH_NANOS = 150_000_000L;

  /// Runs of the code of a call whose time is taken together, and the time after which there are
  /// no more of them.
  private static final int BLOCK_RUNS = 32;

  private static final long BLOCK_NANOS = 5_000_000;

  /// Calls are steady when so many blocks of them in a row allocate nothing, take about as much
  /// time of the processor as the fastest before, and have a pause before each, in which the
  /// compilers could have made them faster.
  private static final int STEADY_BLOCKS = 20;

  private static final double SLOWER = 1.5;
  private static final double FASTER = 0.9;

  /// After so many requests HotSpot has asked for quick code of all that they run, and linked it.
  /// After several thousand it would compile the code that makes the requests, with all that it
  /// calls inside, and nothing else could use that.
  private static final int FEWEST_REQUESTS = 1000;

  private static final int REQUEST_BLOCKS = FEWEST_REQUESTS / BLOCK_RUNS + 20;
  private static final long REQUESTS_NANOS = 500_000_000;

  private final String what;
  private final long patienceNanos;
  private final List<Runnable> parts = new ArrayList<>();
  private final List<Calls> calls = new ArrayList<>();
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
    calls(1, code);
  }

  /// Adds code that makes as many whole calls.
  ///
  /// HotSpot compiles first what is called most often. If the code makes one call each time, that
  /// is the code, with all that it calls inside; nothing else can use that. If it makes two, the
  /// method that it calls is compiled first, by itself, and whoever calls it later runs that.
  void calls(int count, Runnable code) {
    calls.add(new Calls(count, code));
  }

  private record Calls(int count, Runnable code) {}

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
    for (Calls each : calls) {
      ready &= runCalls(each);
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
      if (round > COUNTED_RUNS && round % RUNS_BETWEEN_PAUSES == 0) {
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
  private boolean runCalls(Calls calls) {
    long deadline = System.nanoTime() + patienceNanos;
    double fastest = Double.MAX_VALUE;
    long spent = 0;
    double allocated = 0;
    int steady = 0;
    int count = 0;
    while (steady < STEADY_BLOCKS && System.nanoTime() < deadline) {
      boolean counted = count >= FEWEST_CALLS || spent >= ENOUGH_NANOS;
      if (counted) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      long before = THREADS.getCurrentThreadAllocatedBytes();
      long cpu = THREADS.getCurrentThreadCpuTime();
      int inBlock = runBlock(calls);
      long took = THREADS.getCurrentThreadCpuTime() - cpu;
      allocated = (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / inBlock;
      double each = (double) took / inBlock;
      boolean changed = each > SLOWER * fastest || each < FASTER * fastest;
      steady = counted && allocated == 0 && !changed ? steady + 1 : 0;
      fastest = Math.min(fastest, each);
      spent += took;
      count += inBlock;
    }
    made += count;
    bytes += allocated;
    nanos += fastest;
    return steady >= STEADY_BLOCKS;
  }

  /// Runs code of the program, which may allocate and take as long as it likes, for about as long
  /// as the compilers need for it.
  static void runRequests(Runnable code) {
    Calls request = new Calls(1, code);
    long deadline = System.nanoTime() + REQUESTS_NANOS;
    int count = 0;
    for (int i = 0; i < REQUEST_BLOCKS && System.nanoTime() < deadline; i++) {
      if (count > FEWEST_REQUESTS) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
      count += runBlock(request);
    }
  }

  /// Makes calls for a short while; returns how many.
  private static int runBlock(Calls calls) {
    long begin = System.nanoTime();
    int runs = 0;
    do {
      calls.code.run();
      runs++;
    } while (runs < BLOCK_RUNS && System.nanoTime() - begin < BLOCK_NANOS);
    return runs * calls.count;
  }
}
