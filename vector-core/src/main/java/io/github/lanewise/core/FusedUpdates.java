package io.github.lanewise.core;

/// One step of an optimizer over raw arrays, in a single pass over memory.
///
/// In every method `p` holds the parameters and is updated in place, and `g` holds their gradient
/// and is only read. The other arrays are the optimizer's state and are updated in place; they hold
/// zeros before the first step unless the method says otherwise. All arrays have the same number of
/// elements n, which may be 0, and none overlaps another. The step number `t` counts from 1.
///
/// To maximize, g is replaced by -g first; then an L2 penalty is added to it. Any value of a
/// hyper-parameter is accepted, since research may want a negative one.
///
/// The factors of a step are computed in double and rounded to float once. Operations and their
/// order are those of [PyTorch's](https://pytorch.org/docs/stable/optim.html) single-tensor loops,
/// so every bit of a step is PyTorch's, except where PyTorch's square root is not exact. The bits
/// depend on the arguments alone, not on vector width, position in memory or n.
///
/// Every method throws [IllegalArgumentException] if lengths differ, arrays overlap or `t` is less
/// than 1, [IllegalStateException] if the arena of an array is closed, and
/// [WrongThreadException] if it is confined to another thread. Nothing is written then.
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
    UpdateBlocks.sgd(p, g, lr, weightDecay, maximize);
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
    UpdateBlocks.sgdMomentum(
        p, g, buffer, t, lr, momentum, dampening, nesterov, weightDecay, maximize);
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
    UpdateBlocks.adam(p, g, m, v, t, lr, beta1, beta2, eps, weightDecay, 0, maximize);
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
    UpdateBlocks.adam(p, g, m, v, t, lr, beta1, beta2, eps, 0, weightDecay, maximize);
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
    UpdateBlocks.amsGrad(p, g, m, v, vMax, t, lr, beta1, beta2, eps, weightDecay, 0, maximize);
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
    UpdateBlocks.amsGrad(p, g, m, v, vMax, t, lr, beta1, beta2, eps, 0, weightDecay, maximize);
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
    RmsPropBlocks.rmsProp(p, g, v, lr, alpha, eps, weightDecay, maximize);
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
    RmsPropBlocks.rmsPropMomentum(p, g, v, buffer, lr, alpha, eps, momentum, weightDecay, maximize);
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
    RmsPropBlocks.rmsPropCentered(p, g, v, mean, lr, alpha, eps, weightDecay, maximize);
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
    RmsPropBlocks.rmsPropCenteredMomentum(
        p, g, v, mean, buffer, lr, alpha, eps, momentum, weightDecay, maximize);
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
    UpdateBlocks.adagrad(p, g, sum, t, lr, lrDecay, eps, weightDecay, maximize);
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
    UpdateBlocks.adadelta(p, g, v, u, lr, rho, eps, weightDecay, maximize);
  }
}
