package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.util.SplittableRandom;

/// How the weight `[out, in]` and bias `[out]` of a [Linear] begin.
///
/// Reproducible: the values depend on the seed alone. The bias is zero, except for [#PYTORCH].
/// Source: PyTorch's `torch.nn.init`.
public enum Initializer {
  /// PyTorch's default for a linear layer: weight and bias in U(-b, b), b = 1 / sqrt(in).
  PYTORCH {
    @Override
    void fill(FloatArray weight, FloatArray bias, int in, int out, SplittableRandom random) {
      uniform(weight, 1 / StrictMath.sqrt(in), random);
      uniform(bias, 1 / StrictMath.sqrt(in), random);
    }
  },

  /// Glorot and Bengio (2010): U(-b, b), b = sqrt(6 / (in + out)).
  XAVIER_UNIFORM {
    @Override
    void fill(FloatArray weight, FloatArray bias, int in, int out, SplittableRandom random) {
      uniform(weight, StrictMath.sqrt(6.0 / (in + out)), random);
    }
  },

  /// Glorot and Bengio (2010): normal with variance 2 / (in + out).
  XAVIER_NORMAL {
    @Override
    void fill(FloatArray weight, FloatArray bias, int in, int out, SplittableRandom random) {
      normal(weight, StrictMath.sqrt(2.0 / (in + out)), random);
    }
  },

  /// He et al. (2015), for ReLU: U(-b, b), b = sqrt(6 / in).
  KAIMING_UNIFORM {
    @Override
    void fill(FloatArray weight, FloatArray bias, int in, int out, SplittableRandom random) {
      uniform(weight, StrictMath.sqrt(6.0 / in), random);
    }
  },

  /// He et al. (2015), for ReLU: normal with variance 2 / in.
  KAIMING_NORMAL {
    @Override
    void fill(FloatArray weight, FloatArray bias, int in, int out, SplittableRandom random) {
      normal(weight, StrictMath.sqrt(2.0 / in), random);
    }
  };

  /// Writes the initial values; both arrays are zero before.
  abstract void fill(FloatArray weight, FloatArray bias, int in, int out, SplittableRandom random);

  private static void uniform(FloatArray values, double bound, SplittableRandom random) {
    for (long i = 0; i < values.length(); i++) {
      values.set(i, (float) (bound * (2 * unit(random) - 1)));
    }
  }

  /// Box and Muller's transform, the cosine half, so that each value takes two draws.
  private static void normal(FloatArray values, double deviation, SplittableRandom random) {
    for (long i = 0; i < values.length(); i++) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(random)));
      double angle = 2 * StrictMath.PI * unit(random);
      values.set(i, (float) (deviation * radius * StrictMath.cos(angle)));
    }
  }

  /// A multiple of 2^-53 in [0, 1), made here since a library's way may change.
  private static double unit(SplittableRandom random) {
    return (random.nextLong() >>> 11) * 0x1p-53;
  }
}
