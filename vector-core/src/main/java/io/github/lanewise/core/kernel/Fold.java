package io.github.lanewise.core.kernel;

import static io.github.lanewise.core.kernel.Lanes.F;
import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// The sum and the largest of 16 lanes, by one tree: lanes 8 apart first, then 4, 2 and 1 apart. Of
/// narrower vectors the caller has first brought those 8 apart together, and those 4 apart.
final class Fold {
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  private Fold() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, i -> (i ^ distance) % F.length());
  }

  /// The sum of the lanes.
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (F.length() == 16) {
      s = s.add(s.rearrange(SWAP_8));
    }
    if (F.length() >= 8) {
      s = s.add(s.rearrange(SWAP_4));
    }
    s = s.add(s.rearrange(SWAP_2));
    return s.add(s.rearrange(SWAP_1)).lane(0);
  }

  /// The largest lane; NaN if lane 0 is NaN, while others are passed over.
  static float max(FloatVector v) {
    FloatVector m = v;
    if (F.length() == 16) {
      m = larger(m, m.rearrange(SWAP_8));
    }
    if (F.length() >= 8) {
      m = larger(m, m.rearrange(SWAP_4));
    }
    m = larger(m, m.rearrange(SWAP_2));
    return larger(m, m.rearrange(SWAP_1)).lane(0);
  }

  /// The larger elements; where b is NaN those of a, which is what a running maximum wants.
  static FloatVector larger(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(GT, a));
  }
}
