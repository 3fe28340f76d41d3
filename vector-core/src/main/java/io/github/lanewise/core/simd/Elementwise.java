package io.github.lanewise.core.simd;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Runs loops over arrays of any length, element by element.
///
/// A loop itself works on whole vectors only. The elements after the last whole vector are copied
/// to [Scratch] memory, processed there as one more vector, and copied back. So a kernel has a
/// single loop, in which its body stands once, and nothing is read or written beyond the arrays.
///
/// Each method calls a loop with a matching signature: every array as a segment and a byte offset,
/// then the number of elements as an `int`, then the float where there is one. The last array is
/// written and the others are read; it may be one of them.
public final class Elementwise {
  /// The largest number of elements in one call of the loop, whose counter is an `int`. It is a
  /// multiple of every vector length.
  private static final long MOST = 1L << 28;

  private Elementwise() {}

  private static long whole(long n) {
    return n - n % Lanes.LENGTH;
  }

  /// Whether one call of the loop does it all, as for most arrays. To ask this first saves 2 ns of
  /// the 13 that a call on 16 elements takes.
  private static boolean isOneBlock(long n) {
    return n % Lanes.LENGTH == 0 && 0 < n && n <= MOST;
  }

  private static int block(long n) {
    return (int) Math.min(MOST, n);
  }

  /// y = f(x).
  public static void run(
      Loop loop, MemorySegment x, long xByteOffset, MemorySegment y, long yByteOffset, long n) {
    MethodHandle f = loop.handle(n);
    long whole = whole(n);
    try {
      if (isOneBlock(n)) {
        f.invokeExact(x, xByteOffset, y, yByteOffset, (int) n);
        return;
      }
      for (long i = 0; i < whole; i += MOST) {
        f.invokeExact(x, xByteOffset + (i << 2), y, yByteOffset + (i << 2), block(whole - i));
      }
      if (whole < n) {
        long p = whole << 2;
        long bytes = (n - whole) << 2;
        try (Scratch scratch = Scratch.take()) {
          MemorySegment s = scratch.memory();
          long xAt = Scratch.stage(s, 0, x, xByteOffset + p, bytes);
          f.invokeExact(s, xAt, s, xAt, Lanes.LENGTH);
          Scratch.unstage(s, 0, y, yByteOffset + p, bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// y = f(x, a).
  public static void run(
      Loop loop,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      long n,
      float a) {
    MethodHandle f = loop.handle(n);
    long whole = whole(n);
    try {
      for (long i = 0; i < whole; i += MOST) {
        f.invokeExact(x, xByteOffset + (i << 2), y, yByteOffset + (i << 2), block(whole - i), a);
      }
      if (whole < n) {
        long p = whole << 2;
        long bytes = (n - whole) << 2;
        try (Scratch scratch = Scratch.take()) {
          MemorySegment s = scratch.memory();
          long xAt = Scratch.stage(s, 0, x, xByteOffset + p, bytes);
          f.invokeExact(s, xAt, s, xAt, Lanes.LENGTH, a);
          Scratch.unstage(s, 0, y, yByteOffset + p, bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// z = f(x, y).
  public static void run(
      Loop loop,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      long n) {
    if (isOneBlock(n)) {
      MethodHandle f = loop.handle(n);
      try {
        f.invokeExact(x, xByteOffset, y, yByteOffset, z, zByteOffset, (int) n);
        return;
      } catch (Throwable e) {
        throw Loop.unchecked(e);
      }
    }
    try (Scratch scratch = Scratch.takeForRest(n)) {
      MemorySegment s = scratch == null ? null : scratch.memory();
      runIn(loop, s, x, xByteOffset, y, yByteOffset, z, zByteOffset, n);
    }
  }

  /// z = f(x, y), for a caller that already holds scratch memory.
  ///
  /// @param s scratch memory, whose slots 0 and 1 are overwritten; may be null if n is a multiple
  ///     of the vector length
  public static void runIn(
      Loop loop,
      MemorySegment s,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      long n) {
    MethodHandle f = loop.handle(n);
    long whole = whole(n);
    try {
      for (long i = 0; i < whole; i += MOST) {
        long p = i << 2;
        f.invokeExact(x, xByteOffset + p, y, yByteOffset + p, z, zByteOffset + p, block(whole - i));
      }
      if (whole < n) {
        long p = whole << 2;
        long bytes = (n - whole) << 2;
        long xAt = Scratch.stage(s, 0, x, xByteOffset + p, bytes);
        long yAt = Scratch.stage(s, 1, y, yByteOffset + p, bytes);
        f.invokeExact(s, xAt, s, yAt, s, xAt, Lanes.LENGTH);
        Scratch.unstage(s, 0, z, zByteOffset + p, bytes);
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// z = f(x, y, a).
  public static void run(
      Loop loop,
      MemorySegment x,
      long xByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long zByteOffset,
      long n,
      float a) {
    MethodHandle f = loop.handle(n);
    long whole = whole(n);
    try {
      for (long i = 0; i < whole; i += MOST) {
        long p = i << 2;
        f.invokeExact(
            x, xByteOffset + p, y, yByteOffset + p, z, zByteOffset + p, block(whole - i), a);
      }
      if (whole < n) {
        long p = whole << 2;
        long bytes = (n - whole) << 2;
        try (Scratch scratch = Scratch.take()) {
          MemorySegment s = scratch.memory();
          long xAt = Scratch.stage(s, 0, x, xByteOffset + p, bytes);
          long yAt = Scratch.stage(s, 1, y, yByteOffset + p, bytes);
          f.invokeExact(s, xAt, s, yAt, s, xAt, Lanes.LENGTH, a);
          Scratch.unstage(s, 0, z, zByteOffset + p, bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// (c, d) = f(a, b, y), where a and b lie in one segment, x, and c and d lie in one segment, z.
  public static void run(
      Loop loop,
      MemorySegment x,
      long aByteOffset,
      long bByteOffset,
      MemorySegment y,
      long yByteOffset,
      MemorySegment z,
      long cByteOffset,
      long dByteOffset,
      long n) {
    MethodHandle f = loop.handle(n);
    long whole = whole(n);
    try {
      for (long i = 0; i < whole; i += MOST) {
        long p = i << 2;
        long a = aByteOffset + p;
        long c = cByteOffset + p;
        int size = block(whole - i);
        f.invokeExact(x, a, bByteOffset + p, y, yByteOffset + p, z, c, dByteOffset + p, size);
      }
      if (whole < n) {
        long p = whole << 2;
        long bytes = (n - whole) << 2;
        try (Scratch scratch = Scratch.take()) {
          MemorySegment s = scratch.memory();
          long aAt = Scratch.stage(s, 0, x, aByteOffset + p, bytes);
          long bAt = Scratch.stage(s, 1, x, bByteOffset + p, bytes);
          long yAt = Scratch.stage(s, 2, y, yByteOffset + p, bytes);
          f.invokeExact(s, aAt, bAt, s, yAt, s, aAt, bAt, Lanes.LENGTH);
          Scratch.unstage(s, 0, z, cByteOffset + p, bytes);
          Scratch.unstage(s, 1, z, dByteOffset + p, bytes);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }
}
