package io.github.lanewise.core;

import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.AdadeltaKernel;
import io.github.lanewise.core.update.AdagradKernel;
import io.github.lanewise.core.update.AdamKernel;
import io.github.lanewise.core.update.SgdKernel;

// Which flags are loops of their own, and why the others change no bit.
//
// A flag that decides what is stored, or which roots and quotients are taken (momentum, Nesterov,
// centered, AMSGrad), has a kernel method of its own. The other flags would double the number of
// those methods, so each of them changes an operand instead, in a way that is exact for NaN,
// infinities and both zeros when the flag is off:
// - maximize multiplies g by -1, and by 1 when it is off.
// - L2 decay selects between fma(wd, p, g) and g. To compute fma(0, p, g) when there is no decay
//   would not be exact: it turns g = -0 into +0 where p >= 0, and 0 times an infinite p is NaN.
// - Decoupled decay multiplies p by 1 - lr wd, which is 1 when there is no decay.
// - lerp(a, b, w) is fma(w, b - a, a) if w < 1/2, else fma(w - 1, b - a, b). The kernel selects
//   the addend, and computes the factor before its loop.
// These operations take no time of their own: the kernels wait for the division and the root while
// the arrays are in cache, and for memory otherwise.

/// The loops of [FusedUpdates] over the [blocks][Block] of the arrays, except RMSprop's, which are
/// in [RmsPropBlocks]. Each checks its arguments, computes the factors of the step in double, and
/// rounds them to float.
final class UpdateBlocks {
  private UpdateBlocks() {}

  static void sgd(FloatArray p, FloatArray g, double lr, double weightDecay, boolean maximize) {
    UpdateChecks.require(p, g);
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
      long t,
      double lr,
      double momentum,
      double dampening,
      boolean nesterov,
      double weightDecay,
      boolean maximize) {
    UpdateChecks.require(p, g, "buffer", buffer);
    UpdateChecks.requireStep(t);
    float weight = (float) (1 - dampening);
    if (t == 1) {
      buffer.fill(-0f); // -0 + g is g for every g, both zeros included; so buffer = g below
      weight = 1f;
    }
    if (nesterov) {
      nesterov(p, g, buffer, weight, lr, momentum, weightDecay, maximize);
    } else {
      momentum(p, g, buffer, weight, lr, momentum, weightDecay, maximize);
    }
  }

  private static void momentum(
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

  private static void nesterov(
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
      long t,
      double lr,
      double lrDecay,
      double eps,
      double weightDecay,
      boolean maximize) {
    UpdateChecks.require(p, g, "sum", sum);
    UpdateChecks.requireStep(t);
    double stepSize = lr / (1 + (t - 1) * lrDecay);
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
    UpdateChecks.require(p, g, "v", v, "u", u);
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
    UpdateChecks.require(p, g, "m", m, "v", v);
    UpdateChecks.requireStep(t);
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
    UpdateChecks.require(p, g, "m", m, "v", v, "vMax", vMax);
    UpdateChecks.requireStep(t);
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
