package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/// A served model that any number of threads use, virtual ones too, and that is replaced while they
/// do.
///
/// ```java
/// try (ModelPool pool = ModelPool.of(8, 32, file::serve)) {
///   pool.forward(features, outputs); // on any thread
///   pool.swap(newFile::serve);
/// }
/// ```
///
/// **Sessions.** The pool has a fixed number of sessions. A thread borrows one, calls it, and gives
/// it back; while all are lent, it waits, or does not, as it likes. Calls do not block inside a
/// session, so some sessions more than cores are enough, however many threads there are.
///
/// **Memory.** The pool opens a shared arena for each model, makes the model and all its sessions
/// in it, and closes it. Borrowing, calling and giving back allocate nothing, unless a thread has
/// to wait.
///
/// **Figures.** [#calls], [#waits], [#swaps] and [#liveBytes] may be read at any time. Where the
/// JDK has the module `jdk.jfr`, each swap is an event `lanewise.ModelSwap` of Flight Recorder, and
/// each warm-up an event `lanewise.WarmUp`.
public final class ModelPool implements AutoCloseable {
  private final int maxBatch;
  private final Lease[] leases;

  /// As many permits as leases are free.
  private final Semaphore free;

  private final AtomicLong waits = new AtomicLong();
  private final ReentrantLock swapping = new ReentrantLock();

  /// The model that answers those who borrow from now on.
  private volatile Generation current;

  /// The model that was replaced and still answers; null if there is none.
  private volatile Generation leaving;

  /// Is set while all permits are taken, so that it does not change for a thread that has one.
  private volatile boolean closed;

  private ModelPool(int sessions, int maxBatch, Generation first) {
    this.maxBatch = maxBatch;
    this.current = first;
    this.free = new Semaphore(sessions);
    this.leases = new Lease[sessions];
    for (int i = 0; i < sessions; i++) {
      leases[i] = new Lease(this, i);
    }
  }

  /// {@return a pool of a model}
  ///
  /// @param sessions the number of calls that can run at the same time
  /// @param maxBatch the largest number of rows of a call
  /// @param model makes the model in the arena that it is given, such as `file::serve`
  /// @throws IllegalArgumentException if a number is not positive, or the model does not lie in the
  ///     arena
  public static ModelPool of(
      int sessions, int maxBatch, Function<? super Arena, ServedModel> model) {
    Objects.requireNonNull(model, "model is null");
    if (sessions < 1) {
      throw new IllegalArgumentException("sessions is " + sessions + ", must be at least 1");
    }
    return new ModelPool(sessions, maxBatch, Generation.of(model, sessions, maxBatch, null));
  }

  /// Lends a session, and waits while all are lent. An interrupt does not end the wait.
  ///
  /// @return a session for the calling thread, to be closed
  /// @throws IllegalStateException if this pool is closed
  public Lease borrow() {
    requireOpen();
    if (!free.tryAcquire()) {
      waits.incrementAndGet();
      free.acquireUninterruptibly();
    }
    return lend();
  }

  /// Lends a session if one is free.
  ///
  /// @return a session for the calling thread, to be closed; null if all are lent
  /// @throws IllegalStateException if this pool is closed
  public Lease tryBorrow() {
    requireOpen();
    return free.tryAcquire() ? lend() : null;
  }

  /// Lends a session, and waits for a limited time while all are lent.
  ///
  /// @param patience the longest time to wait
  /// @return a session for the calling thread, to be closed; null if all were lent all the time
  /// @throws InterruptedException if the thread is interrupted while it waits
  /// @throws IllegalStateException if this pool is closed
  public Lease tryBorrow(Duration patience) throws InterruptedException {
    Objects.requireNonNull(patience, "patience is null");
    requireOpen();
    if (!free.tryAcquire()) {
      waits.incrementAndGet();
      if (!free.tryAcquire(TimeUnit.NANOSECONDS.convert(patience), TimeUnit.NANOSECONDS)) {
        return null;
      }
    }
    return lend();
  }

  /// Overwrites `outputs` with the model's outputs for `features`, and waits while all sessions are
  /// lent.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`
  /// @throws IllegalArgumentException if the sizes do not fit, or `outputs` overlaps `features`
  /// @throws IllegalStateException if this pool is closed
  public void forward(FloatArray features, FloatArray outputs) {
    try (Lease lease = borrow()) {
      lease.forward(features, outputs);
    }
  }

  /// Overwrites `outputs` with the model's outputs for `features`, and waits while all sessions are
  /// lent.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`
  /// @throws IllegalArgumentException if the sizes do not fit
  /// @throws IllegalStateException if this pool is closed
  public void forward(float[] features, float[] outputs) {
    try (Lease lease = borrow()) {
      lease.forward(features, outputs);
    }
  }

  /// Replaces the model, while calls go on.
  ///
  /// The new model is made first, beside the old one. From then on it answers all who borrow; a
  /// lease that is out keeps the old one. The method returns when the last of these leases is
  /// closed and the memory of the old model is free. Several swaps take turns. If the new model
  /// cannot be made, the old one stays.
  ///
  /// @param model makes the model in the arena that it is given, such as `file::serve`
  /// @throws IllegalArgumentException if the new model takes or gives another number of features,
  ///     or does not lie in the arena
  /// @throws IllegalStateException if this pool is closed, or the calling thread holds one of its
  ///     leases, for which the swap would wait
  public void swap(Function<? super Arena, ServedModel> model) {
    Objects.requireNonNull(model, "model is null");
    for (Lease lease : leases) {
      if (lease.isOfCaller()) {
        throw new IllegalStateException(
            "this thread holds a lease of the pool: close it before the swap, which waits for it");
      }
    }
    swapping.lock();
    try {
      requireOpen();
      Recorded event = Recorded.swap();
      Generation old = current;
      Generation next = Generation.of(model, leases.length, maxBatch, old);
      leaving = old;
      current = next;
      old.endAndClose(leases);
      leaving = null;
      event.end(next.number, next.arena.liveBytes());
    } finally {
      swapping.unlock();
    }
  }

  /// Runs what calls of this pool run until it is compiled, so that the first request does not wait
  /// for that. The calls count in [#calls].
  ///
  /// @param batchSizes the numbers of rows of the calls that will come; no others are warmed up
  /// @return what was done, and how calls run after it
  /// @throws IllegalArgumentException if there is no number, or one that is not from 1 to
  ///     [#maxBatch]
  /// @throws IllegalStateException if this pool is closed
  public WarmUp warmUp(int... batchSizes) {
    requirePossible(batchSizes);
    return Warmups.pool(this, batchSizes);
  }

  /// Does the same, and then runs a request of the program some thousand times, for half a second
  /// at most.
  ///
  /// What the program does around a call, such as reading features from text, is interpreted at
  /// first as well, and the JVM links a call when it is first made, which alone takes longer than
  /// a call of a small network. So the first request is as fast as later ones only if the code that
  /// answers it has run before.
  ///
  /// @param request answers a request as the program will do, from the calling thread
  /// @param batchSizes the numbers of rows of the calls that will come; no others are warmed up
  /// @return what was done, and how calls run after it; not the requests
  /// @throws IllegalArgumentException if there is no number, or one that is not from 1 to
  ///     [#maxBatch]
  /// @throws IllegalStateException if this pool is closed
  public WarmUp warmUp(Runnable request, int... batchSizes) {
    Objects.requireNonNull(request, "request is null");
    WarmUp report = warmUp(batchSizes);
    Warmer.runRequests(request); // the last thing, so that its code and data are in the caches
    return report;
  }

  private void requirePossible(int[] batchSizes) {
    for (int rows : batchSizes) {
      if (rows > maxBatch) {
        throw new IllegalArgumentException(
            "a call of %d rows is not possible: maxBatch is %d".formatted(rows, maxBatch));
      }
    }
  }

  /// {@return the description of the model that answers those who borrow now}
  ///
  /// @throws IllegalStateException if this pool is closed
  public Sequential network() {
    requireOpen();
    return current.model.network();
  }

  /// How the model that answers keeps its weights.
  WeightPrecision precision() {
    return current.model.precision();
  }

  /// {@return the number of calls that can run at the same time}
  public int sessions() {
    return leases.length;
  }

  /// {@return the largest number of rows of a call}
  public int maxBatch() {
    return maxBatch;
  }

  /// {@return how often a session was lent}
  public long calls() {
    long calls = 0;
    for (Lease lease : leases) {
      calls += lease.calls();
    }
    return calls;
  }

  /// {@return how often a thread had to wait for a session}
  public long waits() {
    return waits.get();
  }

  /// {@return how often the model was replaced}
  public long swaps() {
    return current.number;
  }

  /// {@return the bytes outside the heap of the model that answers, its sessions included; 0 once
  /// this pool is closed}
  public long modelBytes() {
    return current.arena.liveBytes();
  }

  /// {@return the bytes outside the heap of all models of this pool: during a swap, those of the
  /// old one too}
  public long liveBytes() {
    Generation old = leaving;
    return modelBytes() + (old == null ? 0 : old.arena.liveBytes());
  }

  /// Frees the memory of the model. A closed pool may be closed again.
  ///
  /// @throws IllegalStateException if a session is lent, or a swap runs; the pool then stays open
  @Override
  public void close() {
    if (!swapping.tryLock()) {
      throw new IllegalStateException("a swap of this pool is running: close the pool after it");
    }
    try {
      if (closed) {
        return;
      }
      if (!free.tryAcquire(leases.length)) {
        throw new IllegalStateException(
            "%d of the %d sessions of this pool are in use: close it after the last call"
                .formatted(leases.length - free.availablePermits(), leases.length));
      }
      closed = true;
      current.arena.close();
      free.release(leases.length); // whoever waits finds the pool closed
    } finally {
      swapping.unlock();
    }
  }

  /// Finds a free lease for a thread that has a permit, so that there is one.
  private Lease lend() {
    if (closed) {
      free.release();
      requireOpen();
    }
    int n = leases.length;
    for (int i = (int) Thread.currentThread().threadId() & Integer.MAX_VALUE; ; i++) {
      Lease lease = leases[i % n];
      Generation generation = current;
      if (lease.claim(generation)) {
        return handOut(lease, generation);
      }
    }
  }

  /// Hands out a lease that was claimed for a generation. A swap that came between has not waited
  /// for the lease, unless it saw the claim; so the lease goes on to the generation that answers.
  Lease handOut(Lease lease, Generation claimed) {
    Generation generation = claimed;
    while (generation != current) {
      Generation left = generation;
      generation = current;
      lease.move(generation);
      left.leaveTo(leases);
    }
    lease.begin(generation);
    return lease;
  }

  Generation current() {
    return current;
  }

  /// Is called by a lease that has been closed.
  void giveBack(Generation left) {
    free.release();
    left.leaveTo(leases);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this pool is closed");
    }
  }
}
