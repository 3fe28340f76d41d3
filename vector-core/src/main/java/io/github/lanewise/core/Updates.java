package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Elementwise;
import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.AdaBeliefKernel;
import io.github.lanewise.core.update.AdadeltaKernel;
import io.github.lanewise.core.update.AdagradKernel;
import io.github.lanewise.core.update.AdamKernel;
import io.github.lanewise.core.update.AdamaxKernel;
import io.github.lanewise.core.update.AdanKernel;
import io.github.lanewise.core.update.AsgdKernel;
import io.github.lanewise.core.update.CenteredRmsPropKernel;
import io.github.lanewise.core.update.KeepKernel;
import io.github.lanewise.core.update.LambKernel;
import io.github.lanewise.core.update.LerpKernel;
import io.github.lanewise.core.update.LionKernel;
import io.github.lanewise.core.update.NAdamKernel;
import io.github.lanewise.core.update.PrepareKernel;
import io.github.lanewise.core.update.RAdamKernel;
import io.github.lanewise.core.update.RmsPropKernel;
import io.github.lanewise.core.update.RpropKernel;
import io.github.lanewise.core.update.ScheduleFreeKernel;
import io.github.lanewise.core.update.SgdKernel;
import io.github.lanewise.core.update.SquaresKernel;
import java.lang.foreign.MemorySegment;

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

  /// AdaBelief. States: m, v. Scalars: beta1, 1 - beta1, beta2, 1 - beta2, sqrt(1 - beta2^t), eps,
  /// -lr / (1 - beta1^t).
  public static final UpdateLoop ADABELIEF = UpdateLoop.of(AdaBeliefKernel.class, "step");

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

  /// The direction of LAMB, which takes the place of the parameters: the run is one over a copy of
  /// them. States: m, v. Scalars: 1 - beta1, beta2, 1 - beta2, 1 - beta1^t, sqrt(1 - beta2^t), eps,
  /// decay.
  public static final UpdateLoop LAMB = UpdateLoop.of(LambKernel.class, "direction");

  /// Leaves the parameters, for a step whose passes alone are wanted. No states, no scalars.
  public static final UpdateLoop KEEP = UpdateLoop.of(KeepKernel.class, "step");

  private static final Loop CLIP = Loop.of(PrepareKernel.class, "clip");
  private static final Loop DECAY = Loop.of(PrepareKernel.class, "decay");
  private static final Loop LERP = Loop.of(LerpKernel.class, "step");
  private static final Loop SQUARES = Loop.of(SquaresKernel.class, "step");
  private static final Loop FOLD = Loop.of(SquaresKernel.class, "fold");

  /// How many elements are squared together, in how many lanes they are summed, and how many lanes
  /// are left when these are folded.
  private static final int BLOCK = 1024;

  private static final int LANES = 64;
  private static final int FOLDED = 16;

  /// How many blocks one call of a loop takes at most.
  private static final int MOST_BLOCKS = 16;

  /// Sums of squares below this may have lost squares that a float cannot hold.
  private static final double LEAST = 0x1p-80;

  private Updates() {}

  /// Overwrites y with the gradient that a rule is to see: clamp(scale g, -clip, clip) + decay p,
  /// as the scalars say.
  ///
  /// @param p the parameters
  /// @param g their gradient
  /// @param y as long as p and g; may be g
  /// @param at the scalars of the step
  /// @throws IllegalArgumentException if the lengths differ, or `y` overlaps another array in part
  public static void prepare(FloatArray p, FloatArray g, FloatArray y, UpdateScalars at) {
    Checks.elementwise("p", p, "g", g, "y", y);
    long n = p.length();
    long whole = n - n % Lanes.LENGTH;
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (long i = 0; i < whole; i += BLOCK) {
        int size = (int) Math.min(BLOCK, whole - i);
        long o = y.byteOffset(i);
        prepare(p.memory(), p.byteOffset(i), g.memory(), g.byteOffset(i), y.memory(), o, size, at);
      }
      if (whole < n) {
        long bytes = (n - whole) * Float.BYTES;
        long po = Scratch.stage(s, 0, p.memory(), p.byteOffset(whole), bytes);
        long go = Scratch.stage(s, 1, g.memory(), g.byteOffset(whole), bytes);
        prepare(s, po, s, go, s, go, Lanes.LENGTH, at);
        Scratch.unstage(s, 1, y.memory(), y.byteOffset(whole), bytes);
      }
    }
  }

  /// The same for n elements, whole vectors of them.
  static void prepare(
      MemorySegment p,
      long po,
      MemorySegment g,
      long go,
      MemorySegment y,
      long yo,
      int n,
      UpdateScalars at) {
    try {
      boolean isDecayed = at.decay() != 0;
      if (isDecayed && at.clip() == Float.POSITIVE_INFINITY) {
        DECAY.handle(n).invokeExact(p, po, g, go, y, yo, n, at.scale(), at.decay());
        return;
      }
      CLIP.handle(n).invokeExact(g, go, y, yo, n, at.scale(), at.clip());
      if (isDecayed) {
        DECAY.handle(n).invokeExact(p, po, y, yo, y, yo, n, 1f, at.decay());
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// z = x + weight (y - x), as PyTorch's `lerp`: two roundings, and y itself for a weight of 1.
  ///
  /// @param x the values for a weight of 0
  /// @param y the values for a weight of 1
  /// @param z the result; may be x or y
  /// @param weight any number
  /// @throws IllegalArgumentException if the lengths differ, or `z` overlaps another array in part
  public static void lerp(FloatArray x, FloatArray y, FloatArray z, double weight) {
    Checks.elementwise("x", x, "y", y, "z", z);
    Elementwise.run(
        LERP,
        x.memory(),
        x.byteOffset(0),
        y.memory(),
        y.byteOffset(0),
        z.memory(),
        z.byteOffset(0),
        z.length(),
        (float) weight);
  }

  /// {@return the sum of the squares of the elements, within 1.2e-6 of it; NaN or infinite only if
  /// an element is}
  ///
  /// The order of the additions is fixed: blocks of 1024 elements in 64 lanes, and these in a
  /// tree, in floats, then blocks in double. So the bits depend on the elements alone. Squares that
  /// are too large or too small for a float are summed in double.
  ///
  /// @param x the elements
  /// @throws IllegalStateException if the arena of `x` is closed
  /// @throws WrongThreadException if it is confined to another thread
  public static double sumOfSquares(FloatArray x) {
    Checks.usable("x", x);
    long n = x.length();
    long whole = n - n % BLOCK;
    double sum = 0;
    try (Scratch scratch = Scratch.take()) {
      MemorySegment s = scratch.memory();
      for (long i = 0; i < whole; i += MOST_BLOCKS * BLOCK) {
        int blocks = (int) Math.min(MOST_BLOCKS, (whole - i) / BLOCK);
        sum = addSquares(sum, x.memory(), x.byteOffset(i), blocks, s, 0);
      }
      if (whole < n) {
        int rest = (int) (n - whole);
        MemorySegment.copy(x.memory(), x.byteOffset(whole), s, 0, (long) rest * Float.BYTES);
        for (int j = rest; j < BLOCK; j++) {
          s.set(JAVA_FLOAT, (long) j * Float.BYTES, 0f);
        }
        sum = addSquares(sum, s, 0, 1, s, BLOCK * Float.BYTES);
      }
    }
    return sum;
  }

  /// Adds the squares of whole blocks to `sum`, one block after the other.
  ///
  /// @param s memory for the lanes, from the offset on
  static double addSquares(
      double sum,
      MemorySegment x,
      long xByteOffset,
      int blocks,
      MemorySegment s,
      long sByteOffset) {
    long folds = sByteOffset + (long) blocks * LANES * Float.BYTES;
    try {
      int lanes = blocks * LANES;
      SQUARES.handle(lanes).invokeExact(x, xByteOffset, s, sByteOffset, lanes);
      int folded = blocks * FOLDED;
      FOLD.handle(folded).invokeExact(s, sByteOffset, s, folds, folded);
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
    double all = sum;
    for (int k = 0; k < blocks; k++) {
      double block = folded(s, folds + (long) k * FOLDED * Float.BYTES, FOLDED);
      boolean isHeld = block >= LEAST && block <= Float.MAX_VALUE;
      all += isHeld ? block : squares(x, xByteOffset + (long) k * BLOCK * Float.BYTES);
    }
    return all;
  }

  /// The squares of a block, which a float cannot hold, in double.
  private static double squares(MemorySegment x, long xByteOffset) {
    double sum = 0;
    for (int j = 0; j < BLOCK; j++) {
      double value = x.get(JAVA_FLOAT, xByteOffset + (long) j * Float.BYTES);
      sum += value * value;
    }
    return sum;
  }

  /// The sum of up to 16 floats, in pairs. If their number is odd, a 0 follows them.
  static double folded(MemorySegment s, long byteOffset, int lanes) {
    double even = 0;
    double odd = 0;
    long end = byteOffset + (long) lanes * Float.BYTES;
    for (long j = byteOffset; j < end; j += 2 * Float.BYTES) {
      even += s.get(JAVA_FLOAT, j);
      odd += s.get(JAVA_FLOAT, j + Float.BYTES);
    }
    return even + odd;
  }
}
