package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import java.util.SplittableRandom;

/// The distribution from which the first weight `[out, in]` and bias `[out]` of a [Linear] are
/// drawn.
///
/// U(-b, b) is the uniform distribution from -b to b. The bias is zero, except with [#PYTORCH]. The
/// values depend on the seed alone, and are the same on every machine; they are not PyTorch's own
/// draws. Source: PyTorch's `torch.nn.init`.
public enum Initializer {
  /// PyTorch's default for a linear layer: weight and bias from U(-b, b), b = 1 / sqrt(in).
  PYTORCH {
    @Override
    void fillWeight(FloatArray weight, int in, int out, SplittableRandom random) {
      uniform(weight, 1 / StrictMath.sqrt(in), random);
    }

    @Override
    void fillBias(FloatArray bias, int in, SplittableRandom random) {
      uniform(bias, 1 / StrictMath.sqrt(in), random);
    }
  },

  /// U(-b, b), b = sqrt(6 / (in + out)). Source: Glorot and Bengio (2010), Understanding the
  /// Difficulty of Training Deep Feedforward Neural Networks.
  XAVIER_UNIFORM {
    @Override
    void fillWeight(FloatArray weight, int in, int out, SplittableRandom random) {
      uniform(weight, StrictMath.sqrt(6.0 / (in + out)), random);
    }
  },

  /// Normal with mean 0 and variance 2 / (in + out). Source: as for [#XAVIER_UNIFORM].
  XAVIER_NORMAL {
    @Override
    void fillWeight(FloatArray weight, int in, int out, SplittableRandom random) {
      normal(weight, StrictMath.sqrt(2.0 / (in + out)), random);
    }
  },

  /// For layers before a ReLU: U(-b, b), b = sqrt(6 / in). Source: He et al. (2015), Delving Deep
  /// into Rectifiers.
  KAIMING_UNIFORM {
    @Override
    void fillWeight(FloatArray weight, int in, int out, SplittableRandom random) {
      uniform(weight, StrictMath.sqrt(6.0 / in), random);
    }
  },

  /// For layers before a ReLU: normal with mean 0 and variance 2 / in. Source: as for
  /// [#KAIMING_UNIFORM].
  KAIMING_NORMAL {
    @Override
    void fillWeight(FloatArray weight, int in, int out, SplittableRandom random) {
      normal(weight, StrictMath.sqrt(2.0 / in), random);
    }
  };

  /// Writes the first values of a weight `[out, in]`.
  abstract void fillWeight(FloatArray weight, int in, int out, SplittableRandom random);

  /// Writes the first values of the bias of a layer with `in` inputs into an array that holds
  /// zeros.
  void fillBias(FloatArray bias, int in, SplittableRandom random) {}

  private static void uniform(FloatArray values, double bound, SplittableRandom random) {
    for (long i = 0; i < values.length(); i++) {
      values.set(i, (float) (bound * (2 * unit(random) - 1)));
    }
  }

  /// Draws by the transform of Box and Muller (1958). Of the two values that a pair of draws gives,
  /// it takes the one with the cosine, so that a value never depends on how many came before.
  private static void normal(FloatArray values, double deviation, SplittableRandom random) {
    for (long i = 0; i < values.length(); i++) {
      double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(random)));
      double angle = 2 * StrictMath.PI * unit(random);
      values.set(i, (float) (deviation * radius * StrictMath.cos(angle)));
    }
  }

  /// Returns a multiple of 2^-53 in [0, 1). It is computed here, and not by `nextDouble`, so that a
  /// change of the JDK cannot change the weights of a seed.
  private static double unit(SplittableRandom random) {
    return (random.nextLong() >>> 11) * 0x1p-53;
  }
}
