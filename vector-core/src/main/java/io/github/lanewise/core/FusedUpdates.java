package io.github.lanewise.core;

import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.AdadeltaKernel;
import io.github.lanewise.core.update.AdagradKernel;
import io.github.lanewise.core.update.AdamKernel;
import io.github.lanewise.core.update.CenteredRmsPropKernel;
import io.github.lanewise.core.update.RmsPropKernel;
import io.github.lanewise.core.update.SgdKernel;

// How the kernels stay few and stay compiled.
//
// A flag that changes what is stored, or which roots and quotients are taken (momentum, Nesterov,
// centered, AMSGrad), has a loop of its own. A flag that only picks an operand would double all of
// those, so it is an operation by a loop invariant instead, exact for NaN, infinities and both
// zeros:
// - maximize: g times -1, else 1.
// - L2 decay: a blend picks fma(wd, p, g) or g. The fma alone with wd = 0 would not do: it turns
//   g = -0 into +0 where p >= 0, and 0 times an infinite p is NaN.
// - Decoupled decay: p times 1 - lr wd, which is 1 without decay.
// - lerp(a, b, w) = fma(w, b - a, a) if w < 1/2, else fma(w - 1, b - a, b): a blend picks the end.
// In cache they run in the shadow of the division and the root, from memory in that of the loads.
//
// A kernel is one loop over whole vectors, and calls the Vector API alone. A masked tail, or any
// second copy of the body, and small methods shared by kernels, were tried: after 18000 nodes
// (NodeCountInliningCutoff, about 50 vector operations) C2 inlines only what the JDK marks as
// ForceInline. Our methods stayed calls with boxed arguments, and Adam allocated 0.6 to 4 kB a
// step, even with one loop when the kernel itself was inlined into a caller. Block stages the
// elements after the last whole vector.

/// One step of an optimizer over raw arrays, in a single pass.
///
/// In every method `p` holds the parameters and is updated in place, `g` their gradient and is only
/// read; the other arrays are the optimizer's state, updated in place, zero before the first step
/// unless said otherwise. All arrays have the same length n, which may be 0, and none overlaps
/// another. The step number `t` counts from 1.
///
/// Common arguments: `lr` the learning rate, `weightDecay` the factor of p that is added to g first
/// (L2; 0 leaves g as it is), `maximize` takes -g for g before that. Hyper-parameters are not
/// judged here, since research may want a negative one. Scalars of a step are computed in double
/// and rounded once; the order of operations is that of
/// [PyTorch's](https://pytorch.org/docs/stable/optim.html) single-tensor loops, and with it every
/// bit but those that its inexact square root touches. The bits depend on the arguments alone, not
/// on vector width, position or n. Calls allocate nothing, except scratch memory of five vectors at
/// the first of each thread.
///
/// Every method throws [IllegalArgumentException] if lengths differ, arrays overlap or `t` is less
/// than 1, and [IllegalStateException] if the arena of one is closed; nothing is written then.
public final class FusedUpdates {
  private FusedUpdates() {}

  /// SGD: p -= lr g.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param lr learning rate
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void sgd(
      FloatArray p, FloatArray g, double lr, double weightDecay, boolean maximize) {
    require(p, g);
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

  /// SGD with momentum: buffer = momentum buffer + (1 - dampening) g, then p -= lr buffer; after
  /// Nesterov p -= lr (g + momentum buffer).
  ///
  /// Sutskever et al. (2013), in PyTorch's form, where lr scales the buffer as well.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param buffer overwritten by g at t = 1, whatever it held and whatever the dampening
  /// @param t the number of this step, from 1 on
  /// @param lr learning rate
  /// @param momentum decay rate of the buffer
  /// @param dampening what the buffer takes of g is 1 - `dampening`
  /// @param nesterov whether to look ahead, see above
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void sgdMomentum(
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
    require(p, g, "buffer", buffer);
    require(t);
    if (t == 1) {
      buffer.fill(-0f); // -0 + g is g for every g, both zeros included; so buffer = g below
    }
    float weight = t == 1 ? 1f : (float) (1 - dampening);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        if (nesterov) {
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
        } else {
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
        }
        Block.store(s, 0, p, i);
        Block.store(s, 2, buffer, i);
      }
    }
  }

  /// Adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g g,
  /// p -= lr mHat / (sqrt(vHat) + eps), where mHat = m / (1 - beta1^t), vHat = v / (1 - beta2^t).
  ///
  /// Kingma and Ba (2015), Algorithm 1; eps is added after the bias correction.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param m first moment, updated; 0 before the first step
  /// @param v second moment, updated; 0 before the first step
  /// @param t the number of this step, from 1 on
  /// @param lr learning rate
  /// @param beta1 decay rate of `m`, in [0, 1)
  /// @param beta2 decay rate of `v`, in [0, 1)
  /// @param eps added to the root
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void adam(
      FloatArray p,
      FloatArray g,
      FloatArray m,
      FloatArray v,
      long t,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean maximize) {
    adam(p, g, m, v, t, lr, beta1, beta2, eps, weightDecay, 0, maximize);
  }

  /// AdamW: p -= lr weightDecay p, then the step of [#adam] without decay.
  ///
  /// Loshchilov and Hutter (2019), but lr scales the decay, as in PyTorch.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param m first moment, updated; 0 before the first step
  /// @param v second moment, updated; 0 before the first step
  /// @param t the number of this step, from 1 on
  /// @param lr learning rate
  /// @param beta1 decay rate of `m`, in [0, 1)
  /// @param beta2 decay rate of `v`, in [0, 1)
  /// @param eps added to the root
  /// @param weightDecay the part of p that decays is `lr weightDecay`
  /// @param maximize whether to step along g instead of against it
  public static void adamW(
      FloatArray p,
      FloatArray g,
      FloatArray m,
      FloatArray v,
      long t,
      double lr,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean maximize) {
    adam(p, g, m, v, t, lr, beta1, beta2, eps, 0, weightDecay, maximize);
  }

  /// AMSGrad: as [#adam], but vMax = max(vMax, v) stands for v in the step of p.
  ///
  /// Reddi et al. (2018), with Adam's bias corrections, as in PyTorch: the maximum is over the
  /// uncorrected v.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param m first moment, updated; 0 before the first step
  /// @param v second moment, updated; 0 before the first step
  /// @param vMax largest second moment so far, updated; 0 before the first step
  /// @param t the number of this step, from 1 on
  /// @param lr learning rate
  /// @param beta1 decay rate of `m`, in [0, 1)
  /// @param beta2 decay rate of `v`, in [0, 1)
  /// @param eps added to the root
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void amsGrad(
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
      double weightDecay,
      boolean maximize) {
    amsGrad(p, g, m, v, vMax, t, lr, beta1, beta2, eps, weightDecay, 0, maximize);
  }

  /// AMSGrad with the decay of [#adamW].
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param m first moment, updated; 0 before the first step
  /// @param v second moment, updated; 0 before the first step
  /// @param vMax largest second moment so far, updated; 0 before the first step
  /// @param t the number of this step, from 1 on
  /// @param lr learning rate
  /// @param beta1 decay rate of `m`, in [0, 1)
  /// @param beta2 decay rate of `v`, in [0, 1)
  /// @param eps added to the root
  /// @param weightDecay the part of p that decays is `lr weightDecay`
  /// @param maximize whether to step along g instead of against it
  public static void amsGradW(
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
      double weightDecay,
      boolean maximize) {
    amsGrad(p, g, m, v, vMax, t, lr, beta1, beta2, eps, 0, weightDecay, maximize);
  }

  /// RMSprop: v = alpha v + (1 - alpha) g g, p -= lr g / (sqrt(v) + eps).
  ///
  /// Tieleman and Hinton (2012), Coursera lecture 6.5; eps outside the root.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param v second moment, updated; 0 before the first step
  /// @param lr learning rate
  /// @param alpha decay rate of `v`, in [0, 1]
  /// @param eps added to the root
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void rmsProp(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      double lr,
      double alpha,
      double eps,
      double weightDecay,
      boolean maximize) {
    require(p, g, "v", v);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        RmsPropKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
      }
    }
  }

  /// RMSprop with momentum: v as in [#rmsProp], buffer = momentum buffer + g / (sqrt(v) + eps),
  /// p -= lr buffer.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param v second moment, updated; 0 before the first step
  /// @param buffer the momentum, updated; 0 before the first step
  /// @param lr learning rate
  /// @param alpha decay rate of `v`, in [0, 1]
  /// @param eps added to the root
  /// @param momentum decay rate of the buffer
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void rmsPropMomentum(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray buffer,
      double lr,
      double alpha,
      double eps,
      double momentum,
      double weightDecay,
      boolean maximize) {
    require(p, g, "v", v, "buffer", buffer);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        RmsPropKernel.momentum(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, buffer, i),
            Block.byteOffset(3, buffer, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps,
            (float) momentum);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, buffer, i);
      }
    }
  }

  /// Centered RMSprop: as [#rmsProp], with the variance v - mean mean for v under the root, where
  /// mean = alpha mean + (1 - alpha) g.
  ///
  /// Graves (2013). The variance is not clamped: rounded below 0 it gives NaN, as in PyTorch.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param v second moment, updated; 0 before the first step
  /// @param mean mean of the gradients, updated; 0 before the first step
  /// @param lr learning rate
  /// @param alpha decay rate of `v`, in [0, 1]
  /// @param eps added to the root
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void rmsPropCentered(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray mean,
      double lr,
      double alpha,
      double eps,
      double weightDecay,
      boolean maximize) {
    require(p, g, "v", v, "mean", mean);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        CenteredRmsPropKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, mean, i),
            Block.byteOffset(3, mean, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, mean, i);
      }
    }
  }

  /// [Centered RMSprop][#rmsPropCentered] with the buffer of [#rmsPropMomentum].
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param v second moment, updated; 0 before the first step
  /// @param mean mean of the gradients, updated; 0 before the first step
  /// @param buffer the momentum, updated; 0 before the first step
  /// @param lr learning rate
  /// @param alpha decay rate of `v`, in [0, 1]
  /// @param eps added to the root
  /// @param momentum decay rate of the buffer
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void rmsPropCenteredMomentum(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray mean,
      FloatArray buffer,
      double lr,
      double alpha,
      double eps,
      double momentum,
      double weightDecay,
      boolean maximize) {
    require(p, g, "v", v, "mean", mean, "buffer", buffer);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        CenteredRmsPropKernel.momentum(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, mean, i),
            Block.byteOffset(3, mean, i),
            Block.load(s, 4, buffer, i),
            Block.byteOffset(4, buffer, i),
            Block.elements(i, p.length()),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps,
            (float) momentum);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, mean, i);
        Block.store(s, 4, buffer, i);
      }
    }
  }

  /// Adagrad: sum += g g, p -= lr / (1 + (t - 1) lrDecay) g / (sqrt(sum) + eps).
  ///
  /// Duchi et al. (2011); eps outside the root.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param sum any value of at least 0 before the first step
  /// @param t the number of this step, from 1 on
  /// @param lr learning rate
  /// @param lrDecay how fast the learning rate falls, at least 0
  /// @param eps added to the root
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void adagrad(
      FloatArray p,
      FloatArray g,
      FloatArray sum,
      long t,
      double lr,
      double lrDecay,
      double eps,
      double weightDecay,
      boolean maximize) {
    require(p, g, "sum", sum);
    require(t);
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

  /// Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g, p -= lr d, then
  /// u = rho u + (1 - rho) d d.
  ///
  /// Zeiler (2012), Algorithm 1, where lr is 1; eps inside both roots.
  ///
  /// @param p the parameters, updated in place
  /// @param g the gradient, as long as `p`
  /// @param v second moment, updated; 0 before the first step
  /// @param u second moment of the steps, updated; 0 before the first step
  /// @param lr learning rate
  /// @param rho decay rate of `v` and `u`, in [0, 1]
  /// @param eps added under both roots
  /// @param weightDecay L2 penalty: `weightDecay p` is added to g
  /// @param maximize whether to step along g instead of against it
  public static void adadelta(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray u,
      double lr,
      double rho,
      double eps,
      double weightDecay,
      boolean maximize) {
    require(p, g, "v", v, "u", u);
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

  private static void adam(
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
    require(p, g, "m", m, "v", v);
    require(t);
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

  private static void amsGrad(
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
    require(p, g, "m", m, "v", v, "vMax", vMax);
    require(t);
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

  private static float sign(boolean maximize) {
    return maximize ? -1f : 1f;
  }

  private static void require(long t) {
    if (t < 1) {
      throw new IllegalArgumentException("t is " + t + ", but steps count from 1");
    }
  }

  private static void require(FloatArray p, FloatArray g) {
    Checks.sameLength("p", p, "g", g);
    Checks.disjoint("p", p, "g", g);
  }

  private static void require(FloatArray p, FloatArray g, String xName, FloatArray x) {
    require(p, g);
    Checks.sameLength("p", p, xName, x);
    Checks.disjoint("p", p, xName, x);
    Checks.disjoint("g", g, xName, x);
  }

  private static void require(
      FloatArray p, FloatArray g, String xName, FloatArray x, String yName, FloatArray y) {
    require(p, g, xName, x);
    require(p, g, yName, y);
    Checks.disjoint(xName, x, yName, y);
  }

  private static void require(
      FloatArray p,
      FloatArray g,
      String xName,
      FloatArray x,
      String yName,
      FloatArray y,
      String zName,
      FloatArray z) {
    require(p, g, xName, x, yName, y);
    require(p, g, xName, x, zName, z);
    Checks.disjoint(yName, y, zName, z);
  }
}
