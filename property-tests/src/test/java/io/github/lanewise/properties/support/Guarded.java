package io.github.lanewise.properties.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.Arena;

/// A run of elements between sentinels, at any offset from the aligned beginning of its memory.
///
/// In front of and behind an input stand NaN and infinities: they would spoil every element that
/// they touched. They are also the sentinels that a kernel must leave as they are.
public final class Guarded {
  private static final int SENTINELS = 20;
  private static final float[] NEIGHBOURS = {
    Float.intBitsToFloat(0x7fc12345), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };

  private final FloatArray whole;
  private final int from;
  private final FloatArray inside;

  private Guarded(FloatArray whole, int from, FloatArray inside) {
    this.whole = whole;
    this.from = from;
    this.inside = inside;
  }

  /// `n` zeros that begin `offset` elements behind a multiple of 64 bytes.
  public static Guarded blank(Arena arena, int offset, int n) {
    int from = offset + 16;
    FloatArray whole = FloatArray.allocate(arena, (long) from + n + SENTINELS);
    for (int i = 0; i < whole.length(); i++) {
      whole.set(i, sentinel(i));
    }
    FloatArray inside = whole.slice(from, n);
    inside.fill(0f);
    return new Guarded(whole, from, inside);
  }

  /// The given values, `offset` elements behind a multiple of 64 bytes.
  public static Guarded of(Arena arena, int offset, float... values) {
    Guarded guarded = blank(arena, offset, values.length);
    guarded.inside.copyFrom(values);
    return guarded;
  }

  public FloatArray array() {
    return inside;
  }

  public float[] values() {
    return inside.toArray();
  }

  public void assertSentinelsIntact(String what) {
    for (int i = 0; i < whole.length(); i++) {
      if (i < from || i >= from + inside.length()) {
        assertEquals(
            Float.floatToRawIntBits(sentinel(i)),
            Float.floatToRawIntBits(whole.get(i)),
            () -> what + " wrote outside its " + inside.length() + " elements");
      }
    }
  }

  private static float sentinel(int i) {
    return NEIGHBOURS[i % NEIGHBOURS.length];
  }
}
