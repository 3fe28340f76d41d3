package io.github.lanewise.core;

import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.AdadeltaKernel;
import io.github.lanewise.core.update.AdagradKernel;
import io.github.lanewise.core.update.AdamKernel;
import io.github.lanewise.core.update.SgdKernel;

/// The loops of [FusedUpdates] over the [blocks][Block] of the arrays, but for RMSprop's, which are
/// in [RmsPropBlocks]. They compute the factors of a step in double, round them to float, and check
/// nothing.
final class UpdateBlocks {
  private UpdateBlocks() {}

  static void sgd(FloatArray p, FloatArray g, double lr, double weightDecay, boolean maximize) {
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        SgdKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr);
        Block.store(s, 0, p, i);
      }
    }
  }

  static void sgdMomentum(
      FloatArray p,
      FloatArray g,
      FloatArray buffer,
      float weight,
      double lr,
      double momentum,
      double weightDecay,
      boolean maximize) {
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        SgdKernel.momentum(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, buffer, i),
            Block.byteOffset(2, buffer, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) momentum,
            weight);
        Block.store(s, 0, p, i);
        Block.store(s, 2, buffer, i);
      }
    }
  }

  static void nesterov(
      FloatArray p,
      FloatArray g,
      FloatArray buffer,
      float weight,
      double lr,
      double momentum,
      double weightDecay,
      boolean maximize) {
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        SgdKernel.nesterov(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, buffer, i),
            Block.byteOffset(2, buffer, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) momentum,
            weight);
        Block.store(s, 0, p, i);
        Block.store(s, 2, buffer, i);
      }
    }
  }

  static void adagrad(
      FloatArray p,
      FloatArray g,
      FloatArray sum,
      double stepSize,
      double eps,
      double weightDecay,
      boolean maximize) {
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        AdagradKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, sum, i),
            Block.byteOffset(2, sum, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -stepSize,
            (float) eps);
        Block.store(s, 0, p, i);
        Block.store(s, 2, sum, i);
      }
    }
  }

  static void adadelta(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray u,
      double lr,
      double rho,
      double eps,
      double weightDecay,
      boolean maximize) {
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        AdadeltaKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, u, i),
            Block.byteOffset(3, u, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) rho,
            (float) (1 - rho),
            (float) eps);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, u, i);
      }
    }
  }

  static void adam(
      FloatArray p,
      FloatArray g,
      FloatArray m,
      FloatArray v,
      long t,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double coupledDecay,
      double decoupledDecay,
      boolean maximize) {
    double correction1 = 1 - StrictMath.pow(beta1, (double) t);
    double correction2 = 1 - StrictMath.pow(beta2, (double) t);
    float root2 = (float) StrictMath.sqrt(correction2);
    float minusStep = (float) -(lr / correction1);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        AdamKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, m, i),
            Block.byteOffset(2, m, i),
            Block.load(s, 3, v, i),
            Block.byteOffset(3, v, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) coupledDecay,
            (float) (1 - lr * decoupledDecay),
            (float) (1 - beta1),
            (float) beta2,
            (float) (1 - beta2),
            root2,
            (float) eps,
            minusStep);
        Block.store(s, 0, p, i);
        Block.store(s, 2, m, i);
        Block.store(s, 3, v, i);
      }
    }
  }

  static void amsGrad(
      FloatArray p,
      FloatArray g,
      FloatArray m,
      FloatArray v,
      FloatArray vMax,
      long t,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double coupledDecay,
      double decoupledDecay,
      boolean maximize) {
    double correction1 = 1 - StrictMath.pow(beta1, (double) t);
    double correction2 = 1 - StrictMath.pow(beta2, (double) t);
    float root2 = (float) StrictMath.sqrt(correction2);
    float minusStep = (float) -(lr / correction1);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        AdamKernel.amsGrad(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, m, i),
            Block.byteOffset(2, m, i),
            Block.load(s, 3, v, i),
            Block.byteOffset(3, v, i),
            Block.load(s, 4, vMax, i),
            Block.byteOffset(4, vMax, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) coupledDecay,
            (float) (1 - lr * decoupledDecay),
            (float) (1 - beta1),
            (float) beta2,
            (float) (1 - beta2),
            root2,
            (float) eps,
            minusStep);
        Block.store(s, 0, p, i);
        Block.store(s, 2, m, i);
        Block.store(s, 3, v, i);
        Block.store(s, 4, vMax, i);
      }
    }
  }

  static float sign(boolean maximize) {
    return maximize ? -1f : 1f;
  }
}
