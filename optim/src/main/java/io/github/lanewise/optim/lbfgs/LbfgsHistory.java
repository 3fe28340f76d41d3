package io.github.lanewise.optim.lbfgs;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;

/// The last steps s of L-BFGS with the changes y of the gradient that they made, and the direction
/// that follows from them.
///
/// The pairs lie in a ring. It has room for those of one whole step of the optimizer beside those
/// that are kept, so that no pair is overwritten before the step has succeeded.
final class LbfgsHistory {
  private static final double LEAST_CURVATURE = 1e-10;

  private final int size;
  private final FlatVector[] y;
  private final FlatVector[] s;
  private final FloatArray ro;
  private final double[] al;

  /// The number of the oldest pair; pair k lies in slot k modulo the slots.
  private long first;

  private int count;
  private long firstBefore;
  private int countBefore;

  LbfgsHistory(Arena arena, long n, int size, int pairsOfAStep) {
    this.size = size;
    int slots = Math.addExact(size, pairsOfAStep);
    y = new FlatVector[slots];
    s = new FlatVector[slots];
    for (int i = 0; i < slots; i++) {
      y[i] = new FlatVector(arena, n);
      s[i] = new FlatVector(arena, n);
    }
    ro = FloatArray.allocate(arena, slots);
    al = new double[size];
  }

  int count() {
    return count;
  }

  /// The change of the gradient of pair i, counted from the oldest.
  FlatVector change(int i) {
    return y[slot(i)];
  }

  /// The step of pair i, counted from the oldest.
  FlatVector step(int i) {
    return s[slot(i)];
  }

  /// 1 / (y . s) of pair i, as an array of one element.
  FloatArray ro(int i) {
    return ro.slice(slot(i), 1);
  }

  /// Forgets all pairs but counts `count` new ones, which the caller fills in.
  void reset(int count) {
    this.count = count;
  }

  /// Remembers which pairs are kept.
  void mark() {
    firstBefore = first;
    countBefore = count;
  }

  /// Keeps the pairs again that were kept at the mark.
  void rollBack() {
    first = firstBefore;
    count = countBefore;
  }

  /// Takes in the step t d and the change of the gradient, if the loss curves upwards along it.
  /// Returns the scale of the first guess of the inverse Hessian, y.s / y.y, or `scale` if not.
  float add(FlatVector gradient, FlatVector before, FlatVector d, double t, float scale) {
    int next = slot(count);
    y[next].difference(gradient, before);
    s[next].scaled(t, d);
    double ys = y[next].dot(s[next]);
    if (!(ys > LEAST_CURVATURE)) {
      return scale;
    }
    ro.set(next, (float) (1 / ys));
    if (count == size) {
      first++;
    } else {
      count++;
    }
    return (float) (ys / y[next].dot(y[next]));
  }

  /// Overwrites `d` by minus the inverse Hessian times the gradient: the two loops of Nocedal
  /// (1980).
  void direction(FlatVector gradient, float scale, FlatVector d) {
    d.negate(gradient);
    for (int i = count - 1; i >= 0; i--) {
      al[i] = step(i).dot(d) * ro.get(slot(i));
      d.add(-al[i], change(i));
    }
    d.scaled(scale, d);
    for (int i = 0; i < count; i++) {
      double be = change(i).dot(d) * ro.get(slot(i));
      d.add(al[i] - be, step(i));
    }
  }

  private int slot(int i) {
    return (int) ((first + i) % y.length);
  }
}
