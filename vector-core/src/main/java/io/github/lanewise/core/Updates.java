package io.github.lanewise.core;

import io.github.lanewise.core.update.AdadeltaKernel;
import io.github.lanewise.core.update.AdagradKernel;
import io.github.lanewise.core.update.AdamKernel;
import io.github.lanewise.core.update.AdamaxKernel;
import io.github.lanewise.core.update.AdanKernel;
import io.github.lanewise.core.update.AsgdKernel;
import io.github.lanewise.core.update.CenteredRmsPropKernel;
import io.github.lanewise.core.update.LionKernel;
import io.github.lanewise.core.update.NAdamKernel;
import io.github.lanewise.core.update.RAdamKernel;
import io.github.lanewise.core.update.RmsPropKernel;
import io.github.lanewise.core.update.RpropKernel;
import io.github.lanewise.core.update.ScheduleFreeKernel;
import io.github.lanewise.core.update.SgdKernel;

/// The loops of the optimizers in `optim`. Each entry names its states and scalars in their order.
///
/// Operations and their order are those of PyTorch's single-tensor loops where PyTorch has the
/// rule, so every bit of a step is PyTorch's, except where PyTorch's square root is not exact. The
/// bits depend on the arguments alone, not on vector width, position in memory, or how the arrays
/// are cut.
public final class Updates {
  /// p -= lr g. Scalars: -lr.
  public static final UpdateLoop SGD = UpdateLoop.of(SgdKernel.class, "step");

  /// SGD with a buffer. States: buffer, -0 at first. Scalars: -lr, momentum, 1 - dampening.
  public static final UpdateLoop SGD_MOMENTUM = UpdateLoop.of(SgdKernel.class, "momentum");

  /// SGD that looks ahead. States and scalars as for [#SGD_MOMENTUM].
  public static final UpdateLoop NESTEROV = UpdateLoop.of(SgdKernel.class, "nesterov");

  /// Adam. States: m, v. Scalars: 1 - beta1, beta2, 1 - beta2, sqrt(1 - beta2^t), eps,
  /// -lr / (1 - beta1^t).
  public static final UpdateLoop ADAM = UpdateLoop.of(AdamKernel.class, "step");

  /// Adam with the largest v. States: m, v, largest v. Scalars as for [#ADAM].
  public static final UpdateLoop AMSGRAD = UpdateLoop.of(AdamKernel.class, "amsGrad");

  /// RMSprop. States: v. Scalars: -lr, alpha, 1 - alpha, eps.
  public static final UpdateLoop RMSPROP = UpdateLoop.of(RmsPropKernel.class, "step");

  /// RMSprop with a buffer. States: v, buffer. Scalars: those of [#RMSPROP], then momentum.
  public static final UpdateLoop RMSPROP_MOMENTUM = UpdateLoop.of(RmsPropKernel.class, "momentum");

  /// Centered RMSprop. States: v, mean. Scalars as for [#RMSPROP].
  public static final UpdateLoop RMSPROP_CENTERED =
      UpdateLoop.of(CenteredRmsPropKernel.class, "step");

  /// Centered RMSprop with a buffer. States: v, mean, buffer. Scalars as for [#RMSPROP_MOMENTUM].
  public static final UpdateLoop RMSPROP_CENTERED_MOMENTUM =
      UpdateLoop.of(CenteredRmsPropKernel.class, "momentum");

  /// Adagrad. States: sum. Scalars: -lr / (1 + (t - 1) lrDecay), eps.
  public static final UpdateLoop ADAGRAD = UpdateLoop.of(AdagradKernel.class, "step");

  /// Adadelta. States: v, u. Scalars: -lr, rho, 1 - rho, eps.
  public static final UpdateLoop ADADELTA = UpdateLoop.of(AdadeltaKernel.class, "step");

  /// Adamax. States: m, u. Scalars: 1 - beta1, beta2, eps, -lr / (1 - beta1^t).
  public static final UpdateLoop ADAMAX = UpdateLoop.of(AdamaxKernel.class, "step");

  /// NAdam. States: m, v. Scalars: 1 - beta1, beta2, 1 - beta2, 1 - beta2^t, eps, and the factors
  /// of g and m.
  public static final UpdateLoop NADAM = UpdateLoop.of(NAdamKernel.class, "step");

  /// RAdam. States: m, v. Scalars: 1 - beta1, beta2, 1 - beta2, 1 - beta1^t, lr, eps,
  /// sqrt(1 - beta2^t), and the rectifier, 0 in the first steps.
  public static final UpdateLoop RADAM = UpdateLoop.of(RAdamKernel.class, "step");

  /// ASGD. States: ax. Scalars: 1 - lambda eta, -eta, mu.
  public static final UpdateLoop ASGD = UpdateLoop.of(AsgdKernel.class, "step");

  /// Rprop. States: gradient before, step. Scalars: eta-, eta+, smallest and largest step, and the
  /// first step, or NaN after it.
  public static final UpdateLoop RPROP = UpdateLoop.of(RpropKernel.class, "step");

  /// Lion. States: m. Scalars: beta1, 1 - beta1, beta2, 1 - beta2, lr.
  public static final UpdateLoop LION = UpdateLoop.of(LionKernel.class, "step");

  /// Adan. States: m, u, v, minus the gradient before. Scalars: beta1, 1 - beta1, beta2, 1 - beta2,
  /// beta3, 1 - beta3, sqrt(1 - beta3^t), eps, the factors of m and u, the divisor, and 1 in the
  /// first step, then 0.
  public static final UpdateLoop ADAN = UpdateLoop.of(AdanKernel.class, "step");

  /// Schedule-Free SGD. States: z. Scalars: weight of z, factor of g in y, -lr, and 1 in the first
  /// step, then 0.
  public static final UpdateLoop SCHEDULE_FREE_SGD = UpdateLoop.of(ScheduleFreeKernel.class, "sgd");

  /// Schedule-Free AdamW. States: z, v. Scalars: those of [#SCHEDULE_FREE_SGD], then beta2,
  /// 1 - beta2, 1 - beta2^t, eps, decay.
  public static final UpdateLoop SCHEDULE_FREE_ADAMW =
      UpdateLoop.of(ScheduleFreeKernel.class, "adamW");

  private Updates() {}
}
