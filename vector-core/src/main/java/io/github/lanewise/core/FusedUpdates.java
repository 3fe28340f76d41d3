package io.github.lanewise.core;

import io.github.lanewise.core.kernel.AdadeltaKernel;
import io.github.lanewise.core.kernel.AdagradKernel;
import io.github.lanewise.core.kernel.AdamKernel;
import io.github.lanewise.core.kernel.CenteredRmsPropKernel;
import io.github.lanewise.core.kernel.RmsPropKernel;
import io.github.lanewise.core.kernel.SgdKernel;

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
/// on vector width, position or n. Calls allocate nothing.
///
/// Every method throws [IllegalArgumentException] if lengths differ, arrays overlap or `t` is less
/// than 1, and [IllegalStateException] if the arena of one is closed; nothing is written then.
public final class FusedUpdates {
  /// Elements per kernel call: kernels count in `int`.
  private static final long BLOCK = 1L << 28;

  private FusedUpdates() {}

  /// SGD: p -= lr g.
  public static void sgd(
      FloatArray p, FloatArray g, double lr, double weightDecay, boolean maximize) {
    require(p, g);
    for (long i = 0; i < p.length(); i += BLOCK) {
      SgdKernel.step(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -lr);
    }
  }

  /// SGD with momentum: buffer = momentum buffer + (1 - dampening) g, then p -= lr buffer; after
  /// Nesterov p -= lr (g + momentum buffer).
  ///
  /// Sutskever et al. (2013), in PyTorch's form, where lr scales the buffer as well.
  ///
  /// @param buffer overwritten by g at t = 1, whatever it held and whatever the dampening
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      if (nesterov) {
        SgdKernel.nesterov(
            p.memory(),
            p.byteOffset(i),
            g.memory(),
            g.byteOffset(i),
            buffer.memory(),
            buffer.byteOffset(i),
            block(p, i),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) momentum,
            weight);
      } else {
        SgdKernel.momentum(
            p.memory(),
            p.byteOffset(i),
            g.memory(),
            g.byteOffset(i),
            buffer.memory(),
            buffer.byteOffset(i),
            block(p, i),
            sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) momentum,
            weight);
      }
    }
  }

  /// Adam: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g g,
  /// p -= lr mHat / (sqrt(vHat) + eps), where mHat = m / (1 - beta1^t), vHat = v / (1 - beta2^t).
  ///
  /// Kingma and Ba (2015), Algorithm 1; eps is added after the bias correction.
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      RmsPropKernel.step(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -lr,
          (float) alpha,
          (float) (1 - alpha),
          (float) eps);
    }
  }

  /// RMSprop with momentum: v as in [#rmsProp], buffer = momentum buffer + g / (sqrt(v) + eps),
  /// p -= lr buffer.
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      RmsPropKernel.momentum(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          buffer.memory(),
          buffer.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -lr,
          (float) alpha,
          (float) (1 - alpha),
          (float) eps,
          (float) momentum);
    }
  }

  /// Centered RMSprop: as [#rmsProp], with the variance v - mean mean for v under the root, where
  /// mean = alpha mean + (1 - alpha) g.
  ///
  /// Graves (2013). The variance is not clamped: rounded below 0 it gives NaN, as in PyTorch.
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      CenteredRmsPropKernel.step(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          mean.memory(),
          mean.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -lr,
          (float) alpha,
          (float) (1 - alpha),
          (float) eps);
    }
  }

  /// [Centered RMSprop][#rmsPropCentered] with the buffer of [#rmsPropMomentum].
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      CenteredRmsPropKernel.momentum(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          mean.memory(),
          mean.byteOffset(i),
          buffer.memory(),
          buffer.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -lr,
          (float) alpha,
          (float) (1 - alpha),
          (float) eps,
          (float) momentum);
    }
  }

  /// Adagrad: sum += g g, p -= lr / (1 + (t - 1) lrDecay) g / (sqrt(sum) + eps).
  ///
  /// Duchi et al. (2011); eps outside the root.
  ///
  /// @param sum any value of at least 0 before the first step
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      AdagradKernel.step(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          sum.memory(),
          sum.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -stepSize,
          (float) eps);
    }
  }

  /// Adadelta: v = rho v + (1 - rho) g g, d = sqrt(u + eps) / sqrt(v + eps) g, p -= lr d, then
  /// u = rho u + (1 - rho) d d.
  ///
  /// Zeiler (2012), Algorithm 1, where lr is 1; eps inside both roots.
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      AdadeltaKernel.step(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          u.memory(),
          u.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) weightDecay,
          (float) -lr,
          (float) rho,
          (float) (1 - rho),
          (float) eps);
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      AdamKernel.step(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          m.memory(),
          m.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) coupledDecay,
          (float) (1 - lr * decoupledDecay),
          (float) (1 - beta1),
          (float) beta2,
          (float) (1 - beta2),
          (float) StrictMath.sqrt(biasCorrection(beta2, t)),
          (float) eps,
          (float) -(lr / biasCorrection(beta1, t)));
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
    for (long i = 0; i < p.length(); i += BLOCK) {
      AdamKernel.amsGrad(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          m.memory(),
          m.byteOffset(i),
          v.memory(),
          v.byteOffset(i),
          vMax.memory(),
          vMax.byteOffset(i),
          block(p, i),
          sign(maximize),
          (float) coupledDecay,
          (float) (1 - lr * decoupledDecay),
          (float) (1 - beta1),
          (float) beta2,
          (float) (1 - beta2),
          (float) StrictMath.sqrt(biasCorrection(beta2, t)),
          (float) eps,
          (float) -(lr / biasCorrection(beta1, t)));
    }
  }

  private static double biasCorrection(double beta, long t) {
    return 1 - StrictMath.pow(beta, (double) t);
  }

  private static float sign(boolean maximize) {
    return maximize ? -1f : 1f;
  }

  private static int block(FloatArray p, long i) {
    return (int) Math.min(BLOCK, p.length() - i);
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
