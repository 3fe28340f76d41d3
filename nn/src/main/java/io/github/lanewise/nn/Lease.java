package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// A session of a [ModelPool], lent to the thread that asked for it until it is closed.
///
/// All calls through a lease are answered by one model, whatever is [swapped][ModelPool#swap]
/// meanwhile. A pool has as many leases as sessions and hands out the same objects again and again,
/// so that borrowing allocates nothing. A lease is therefore of no use after it was closed, and
/// calls from another thread than its borrower are refused.
public final class Lease implements AutoCloseable {
  private final ModelPool pool;
  private final int slot;
  private final AtomicLong calls = new AtomicLong();

  /// The generation whose session is lent; null if this lease is free.
  private final AtomicReference<Generation> used = new AtomicReference<>();

  private InferenceSession session;

  /// The thread that has borrowed this lease. No other thread can find itself here, so that the
  /// field need not be volatile.
  private Thread borrower;

  Lease(ModelPool pool, int slot) {
    this.pool = pool;
    this.slot = slot;
  }

  /// Takes this lease for a generation, unless it is taken.
  boolean claim(Generation generation) {
    return used.get() == null && used.compareAndSet(null, generation);
  }

  /// Goes on to another generation before the lease is handed out.
  void move(Generation generation) {
    used.set(generation);
  }

  boolean uses(Generation generation) {
    return used.get() == generation;
  }

  /// Hands this lease to the calling thread.
  void begin(Generation generation) {
    session = generation.session(slot);
    borrower = Thread.currentThread();
    calls.setRelease(calls.getPlain() + 1);
  }

  boolean isOfCaller() {
    return borrower == Thread.currentThread();
  }

  /// How often this lease was handed out.
  long calls() {
    return calls.get();
  }

  /// {@return the number of the model that answers: 0 for the first one of the pool, and one more
  /// after each swap}
  ///
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  public long generation() {
    requireBorrowed();
    return used.get().number;
  }

  /// {@return the model that answers}
  ///
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  public ServedModel model() {
    requireBorrowed();
    return used.get().model;
  }

  /// Overwrites `outputs` with the model's outputs for `features`.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`
  /// @throws IllegalArgumentException as for [InferenceSession#forward(FloatArray, FloatArray)]
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  public void forward(FloatArray features, FloatArray outputs) {
    requireBorrowed();
    session.forward(features, outputs);
  }

  /// Overwrites the first rows of `outputs` with the model's outputs for the first rows of
  /// `features`.
  ///
  /// @param features at least `[count, inputs]`
  /// @param outputs at least `[count, outputs]`
  /// @param count the number of rows, from 1 to `maxBatch`
  /// @throws IllegalArgumentException as for [InferenceSession#forward(FloatArray, FloatArray,
  ///     int)]
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  public void forward(FloatArray features, FloatArray outputs, int count) {
    requireBorrowed();
    session.forward(features, outputs, count);
  }

  /// Overwrites `outputs` with the model's outputs for `features`.
  ///
  /// @param features `[rows, inputs]`, with 1 to `maxBatch` rows
  /// @param outputs `[rows, outputs]`
  /// @throws IllegalArgumentException as for [InferenceSession#forward(float[], float[])]
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  public void forward(float[] features, float[] outputs) {
    requireBorrowed();
    session.forward(features, outputs);
  }

  /// Overwrites the first rows of `outputs` with the model's outputs for the first rows of
  /// `features`.
  ///
  /// @param features at least `[count, inputs]`
  /// @param outputs at least `[count, outputs]`
  /// @param count the number of rows, from 1 to `maxBatch`
  /// @throws IllegalArgumentException as for [InferenceSession#forward(float[], float[], int)]
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  public void forward(float[] features, float[] outputs, int count) {
    requireBorrowed();
    session.forward(features, outputs, count);
  }

  /// Gives the session back.
  ///
  /// @throws IllegalStateException if this lease is closed, or another thread has borrowed it
  @Override
  public void close() {
    requireBorrowed();
    borrower = null;
    session = null;
    Generation left = used.get();
    used.set(null);
    pool.giveBack(left);
  }

  private void requireBorrowed() {
    if (borrower != Thread.currentThread()) {
      throw new IllegalStateException(
          "this lease is closed, or belongs to another thread: borrow one for each use");
    }
  }
}
