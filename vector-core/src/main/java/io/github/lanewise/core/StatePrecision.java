package io.github.lanewise.core;

import io.github.lanewise.core.simd.Lanes;

/// How an optimizer keeps its states between steps. Rules compute in float32 whatever it is.
public enum StatePrecision {
  /// 4 bytes for each element: exact.
  FLOAT32(Float.BYTES, 1),
  /// 2 bytes for each element: the nearest bfloat16, with 8 bits of mantissa; of two, the larger.
  BFLOAT16(2, 16),
  /// 1 byte for each element, and a scale for each 256: the nearest of 128 or 256 parts of the
  /// largest element of the block, with an error of at most 1/16 of the element.
  BLOCK8(1, 256);

  private final int bytes;
  private final int granule;

  StatePrecision(int bytes, int granule) {
    this.bytes = bytes;
    this.granule = granule;
  }

  /// {@return the multiple at which the elements of each parameter begin}
  public int granule() {
    return granule;
  }

  int bytes() {
    return bytes;
  }

  /// How many elements a loop over states of this precision takes at a time.
  int unit() {
    return switch (this) {
      case FLOAT32, BFLOAT16 -> Lanes.LENGTH;
      case BLOCK8 -> granule;
    };
  }
}
