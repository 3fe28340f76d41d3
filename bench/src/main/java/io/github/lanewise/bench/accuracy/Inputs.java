package io.github.lanewise.bench.accuracy;

import java.util.Arrays;

/// Floats at which a function of one float is tried.
public final class Inputs {
  /// Odd, so that the low bits of the mantissa take every value.
  private static final int STRIDE = 65_537;

  /// Odd as well.
  private static final int DENSE_STRIDE = 257;

  private static final int NEIGHBOURS = 64;

  private Inputs() {}

  /// Returns a sample of all floats, ascending, without NaN: each 65,537th bit pattern, the 64
  /// floats on either side of each power of two, of 0, of the infinities and of the given limits.
  public static float[] stratified(double... limits) {
    float[] all = new float[(int) (0x1p32 / STRIDE) + (2 * 257 + limits.length) * 2 * 70];
    int n = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STRIDE) {
      n = add(all, n, Float.intBitsToFloat((int) bits));
    }
    for (int exponent = 0; exponent <= 255; exponent++) {
      n = addAround(all, n, exponent << 23);
      n = addAround(all, n, exponent << 23 | Integer.MIN_VALUE);
    }
    for (double limit : limits) {
      n = addAround(all, n, Float.floatToRawIntBits((float) limit));
    }
    float[] sample = Arrays.copyOf(all, n);
    Arrays.sort(sample);
    return sample;
  }

  /// Returns each 257th float of a size from 2^-12 to `reach`, with either sign.
  public static float[] dense(double reach) {
    int first = Float.floatToRawIntBits(0x1p-12f);
    int pairs = (Float.floatToRawIntBits((float) reach) - first) / DENSE_STRIDE + 1;
    float[] inputs = new float[2 * pairs];
    for (int i = 0; i < pairs; i++) {
      inputs[2 * i] = Float.intBitsToFloat(first + i * DENSE_STRIDE);
      inputs[2 * i + 1] = -inputs[2 * i];
    }
    return inputs;
  }

  /// Returns `count` floats that divide `[from, to]` evenly, both ends included.
  public static float[] even(double from, double to, int count) {
    float[] inputs = new float[count];
    for (int i = 0; i < count; i++) {
      inputs[i] = (float) (from + (to - from) * i / (count - 1));
    }
    return inputs;
  }

  private static int addAround(float[] all, int n, int bits) {
    int end = n;
    int sign = bits & Integer.MIN_VALUE;
    int size = bits & Integer.MAX_VALUE;
    for (int i = -NEIGHBOURS; i <= NEIGHBOURS; i++) {
      if (size + i >= 0) {
        end = add(all, end, Float.intBitsToFloat(size + i | sign));
      }
    }
    return end;
  }

  private static int add(float[] all, int n, float x) {
    if (Float.isNaN(x)) {
      return n;
    }
    all[n] = x;
    return n + 1;
  }
}
