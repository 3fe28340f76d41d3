package io.github.lanewise.nn.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;

/// The element types of safetensors that can be read as floats. A value that no float has becomes
/// the nearest one, ties to even.
enum ElementType {
  F32(Float.BYTES),
  F64(Double.BYTES),
  F16(Short.BYTES),
  BF16(Short.BYTES),
  I64(Long.BYTES);

  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /// Returns the type that the format calls `dtype`.
  static Optional<ElementType> named(String dtype) {
    return Arrays.stream(values()).filter(type -> type.name().equals(dtype)).findAny();
  }

  /// The number of bytes of an element.
  int bytes() {
    return bytes;
  }

  /// Reads the element at `index` of an array of this type.
  float read(MemorySegment array, long index) {
    return switch (this) {
      case F32 -> array.getAtIndex(FLOAT, index);
      case F64 -> (float) array.getAtIndex(DOUBLE, index);
      case F16 -> Float.float16ToFloat(array.getAtIndex(SHORT, index));
      case BF16 -> Float.intBitsToFloat(array.getAtIndex(SHORT, index) << Short.SIZE);
      case I64 -> array.getAtIndex(LONG, index);
    };
  }
}
