package io.github.lanewise.core;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Scratch;
import java.lang.foreign.MemorySegment;

/// A piece of a gradient as a rule sees it. It lies in the array itself if the rule sees it as it
/// is but for a factor, else in scratch memory.
///
/// Loops may read up to 16 elements beyond its end, so the end of the array is copied too.
final class GradientPiece {
  private final FloatArray p;
  private final FloatArray g;

  private MemorySegment memory;
  private long byteOffset;
  private int stride;
  private float scale;

  /// @param p the parameters, for an L2 penalty
  /// @param g the gradient, as long
  GradientPiece(FloatArray p, FloatArray g) {
    this.p = p;
    this.g = g;
  }

  MemorySegment memory() {
    return memory;
  }

  long byteOffset() {
    return byteOffset;
  }

  /// The number of elements from row to row.
  int stride() {
    return stride;
  }

  /// What the elements are to be multiplied by.
  float scale() {
    return scale;
  }

  /// Finds `rows` rows of `width` elements.
  ///
  /// @param s scratch memory: 64 bytes at 0, and room for the piece and a slot at `to`
  /// @param from the first element
  /// @param cols the elements from row to row
  void find(MemorySegment s, long to, long from, int rows, int width, int cols, UpdateScalars at) {
    long end = from + (rows - 1L) * cols + width;
    if (!at.isPrepared() && end + Lanes.VIRTUAL <= g.length()) {
      memory = g.memory();
      byteOffset = g.byteOffset(from);
      stride = cols;
      scale = at.scale();
      return;
    }
    memory = s;
    byteOffset = to;
    stride = width;
    scale = 1f;
    if (width == cols) {
      prepare(s, to, from, rows * width, at);
      return;
    }
    for (int r = 0; r < rows; r++) { // the end of a row overwrites what the one before wrote beyond
      prepare(s, to + (long) r * width * Float.BYTES, from + (long) r * cols, width, at);
    }
  }

  /// Prepares n elements in scratch memory. Anything may follow them, up to a whole vector.
  private void prepare(MemorySegment s, long to, long from, int n, UpdateScalars at) {
    int whole = n - n % Lanes.LENGTH;
    if (whole > 0) {
      long po = p.byteOffset(from);
      Updates.prepare(p.memory(), po, g.memory(), g.byteOffset(from), s, to, whole, at);
    }
    if (whole < n) {
      long rest = (long) (n - whole) * Float.BYTES;
      long po = Scratch.stage(s, 0, p.memory(), p.byteOffset(from + whole), rest);
      long o = to + (long) whole * Float.BYTES;
      MemorySegment.copy(g.memory(), g.byteOffset(from + whole), s, o, rest);
      Updates.prepare(s, po, s, o, s, o, Lanes.LENGTH, at);
    }
  }
}
