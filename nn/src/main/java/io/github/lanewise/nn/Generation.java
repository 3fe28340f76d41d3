package io.github.lanewise.nn;

import java.lang.foreign.Arena;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/// A model of a pool, with a session for each lease, in an arena of its own.
final class Generation {
  /// Counts the models of the pool from 0.
  final long number;

  final ServedModel model;
  final CountingArena arena;
  private final InferenceSession[] sessions;

  /// Opens when no lease uses this generation any more; null until another generation follows.
  private volatile CountDownLatch ended;

  private Generation(
      long number, CountingArena arena, ServedModel model, InferenceSession[] sessions) {
    this.number = number;
    this.arena = arena;
    this.model = model;
    this.sessions = sessions;
  }

  /// Opens an arena and makes the model and the sessions in it. If that fails, the arena is closed.
  ///
  /// @param before the generation that this one replaces; null for the first one
  @SuppressWarnings("MustBeClosedChecker") // the pool closes the arena with the generation
  static Generation of(
      Function<? super Arena, ServedModel> loader, int sessions, int maxBatch, Generation before) {
    CountingArena arena = CountingArena.over(Arena.ofShared());
    try {
      ServedModel model = loader.apply(arena);
      requireModel(model, arena, before);
      InferenceSession[] made = new InferenceSession[sessions];
      for (int i = 0; i < sessions; i++) {
        made[i] = model.session(arena, maxBatch);
      }
      return new Generation(before == null ? 0 : before.number + 1, arena, model, made);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
  }

  private static void requireModel(ServedModel model, CountingArena arena, Generation before) {
    if (model == null) {
      throw new NullPointerException("the model is null");
    }
    if (arena.liveBytes() == 0) {
      throw new IllegalArgumentException(
          "the model does not lie in the arena that its maker was given");
    }
    if (before == null) {
      return;
    }
    Sequential next = model.network();
    Sequential now = before.model.network();
    if (next.inputs() != now.inputs() || next.outputs() != now.outputs()) {
      throw new IllegalArgumentException(
          "the new model turns %d features into %d, the one before turns %d into %d"
              .formatted(next.inputs(), next.outputs(), now.inputs(), now.outputs()));
    }
  }

  InferenceSession session(int slot) {
    return sessions[slot];
  }

  /// Waits until no lease uses this generation, which another one has replaced, and frees its
  /// memory.
  void endAndClose(Lease[] leases) {
    CountDownLatch latch = new CountDownLatch(1);
    ended = latch;
    leaveTo(leases);
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    arena.close();
  }

  /// Tells who waits for the end of this generation, if no lease uses it. To be called after a
  /// lease has left it.
  void leaveTo(Lease[] leases) {
    CountDownLatch latch = ended;
    if (latch == null) {
      return;
    }
    for (Lease lease : leases) {
      if (lease.uses(this)) {
        return;
      }
    }
    latch.countDown();
  }
}
