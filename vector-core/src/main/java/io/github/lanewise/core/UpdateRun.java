package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.PrepareKernel;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Steps of a rule over one run of parameters, which lie side by side in memory as their gradients
/// and states do.
///
/// A step is a short list of loops over each chunk of 1024 elements, so that a chunk stays in the
/// first cache while the loops go over it: prepare the gradient, apply the rule. A loop that would
/// change nothing is left out. The bits depend neither on chunks nor on how a step is cut into
/// calls of [#step].
///
/// The arrays are fixed; any number of threads may work on different parts of them.
public final class UpdateRun {
  /// Calls of [#step] begin at multiples of this, unless they begin at the end.
  public static final long PART = 1L << 15;

  private static final int CHUNK = 1024;

  /// The largest number of elements in one call of a loop, whose counter is an `int`.
  private static final long MOST = 1L << 28;

  /// The distance between arrays in scratch memory.
  private static final long AREA_BYTES = CHUNK * Float.BYTES + 64;

  private static final Loop PREPARE = Loop.of(PrepareKernel.class, "step");

  private final UpdateLoop loop;
  private final FloatArray p;
  private final FloatArray g;
  private final UpdateState states;
  private final long stateFrom;

  /// Creates a run.
  ///
  /// @param loop the loop of the rule
  /// @param p the parameters
  /// @param g their gradient, as long
  /// @param states the states
  /// @param stateFrom the element of the states that belongs to the first parameter
  /// @throws IllegalArgumentException if lengths differ, the arrays overlap, or the states have too
  ///     few elements
  /// @throws IllegalStateException if the arena of an array is closed
  /// @throws WrongThreadException if it is confined to another thread
  public UpdateRun(
      UpdateLoop loop, FloatArray p, FloatArray g, UpdateState states, long stateFrom) {
    Checks.sameLength("p", p, "g", g);
    Checks.disjoint("p", p, "g", g);
    states.requireUsable("the states");
    if (stateFrom < 0 || stateFrom + p.length() > states.elements()) {
      throw new IllegalArgumentException(
          "the states have %d elements, %d from %d on are needed"
              .formatted(states.elements(), p.length(), stateFrom));
    }
    this.loop = loop;
    this.p = p;
    this.g = g;
    this.states = states;
    this.stateFrom = stateFrom;
  }

  /// {@return the number of parameters}
  public long length() {
    return p.length();
  }

  /// Updates the parameters from `from` to `to`.
  ///
  /// The arrays are not checked here, since a step asks all of them before it changes the first.
  ///
  /// @param from the first parameter, a multiple of [#PART]
  /// @param to the parameter behind the last one, a multiple of [#PART] or the number of parameters
  /// @param at the scalars of this step
  public void step(long from, long to, UpdateScalars at) {
    long whole = to - (to - from) % Lanes.LENGTH;
    boolean isDirect = !at.isPrepared();
    try {
      if (isDirect && whole == to && loop.element() == null) {
        rules(from, to, at);
        return;
      }
      try (Scratch scratch = Scratch.take()) {
        MemorySegment s = scratch.memory();
        if (isDirect) {
          rules(from, whole, at);
        } else {
          for (long i = from; i < whole; i += CHUNK) {
            chunk(s, i, (int) Math.min(CHUNK, whole - i), at);
          }
        }
        if (whole < to) {
          rest(s, whole, (int) (to - whole), at);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  /// The rule alone, on whole vectors.
  private void rules(long from, long to, UpdateScalars at) throws Throwable {
    for (long i = from; i < to; i += MOST) {
      int n = (int) Math.min(MOST, to - i);
      rule(
          p.memory(),
          p.byteOffset(i),
          g.memory(),
          g.byteOffset(i),
          states.memory(),
          states.byteOffset(stateFrom + i),
          states.strideBytes(),
          n,
          at.sign() * at.scale(),
          at);
    }
  }

  private void chunk(MemorySegment s, long i, int n, UpdateScalars at) throws Throwable {
    prepare(s, p.memory(), p.byteOffset(i), g.memory(), g.byteOffset(i), n, at);
    rule(
        p.memory(),
        p.byteOffset(i),
        s,
        0,
        states.memory(),
        states.byteOffset(stateFrom + i),
        states.strideBytes(),
        n,
        1f,
        at);
  }

  /// The elements after the last whole vector. They are copied to scratch memory, updated there as
  /// one vector, and copied back.
  private void rest(MemorySegment s, long i, int n, UpdateScalars at) throws Throwable {
    long bytes = (long) n * Float.BYTES;
    MemorySegment.copy(g.memory(), g.byteOffset(i), s, 0, bytes);
    MemorySegment.copy(p.memory(), p.byteOffset(i), s, AREA_BYTES, bytes);
    long at0 = states.byteOffset(stateFrom + i);
    for (int k = 0; k < states.count(); k++) {
      MemorySegment.copy(
          states.memory(), at0 + k * states.strideBytes(), s, (2 + k) * AREA_BYTES, bytes);
    }
    float scale = at.sign() * at.scale();
    if (at.isPrepared()) {
      prepare(s, s, AREA_BYTES, s, 0, Lanes.LENGTH, at);
      scale = 1f;
    }
    rule(s, AREA_BYTES, s, 0, s, 2 * AREA_BYTES, AREA_BYTES, Lanes.LENGTH, scale, at);
    MemorySegment.copy(s, AREA_BYTES, p.memory(), p.byteOffset(i), bytes);
    for (int k = 0; k < states.count(); k++) {
      MemorySegment.copy(
          s, (2 + k) * AREA_BYTES, states.memory(), at0 + k * states.strideBytes(), bytes);
    }
  }

  private static void prepare(
      MemorySegment s,
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      int n,
      UpdateScalars at)
      throws Throwable {
    PREPARE
        .handle(n)
        .invokeExact(
            p, pByteOffset, g, gByteOffset, s, 0L, n, at.scale(), at.clip(), at.sign(), at.decay());
  }

  private void rule(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long strideBytes,
      int n,
      float scale,
      UpdateScalars at)
      throws Throwable {
    MethodHandle f = loop.handle(false, n);
    if (f == null) {
      elements(p, pByteOffset, g, gByteOffset, s, sByteOffset, strideBytes, n, scale, at);
      return;
    }
    f.invokeExact(
        p,
        pByteOffset,
        g,
        gByteOffset,
        s,
        sByteOffset,
        strideBytes,
        n,
        scale,
        at.shrink(),
        at.values());
  }

  private void elements(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long strideBytes,
      int n,
      float scale,
      UpdateScalars at) {
    float[] x = new float[2 + states.count()];
    for (int i = 0; i < n; i++) {
      long o = (long) i * Float.BYTES;
      x[0] = p.get(JAVA_FLOAT, pByteOffset + o) * at.shrink();
      x[1] = g.get(JAVA_FLOAT, gByteOffset + o) * scale;
      for (int k = 2; k < x.length; k++) {
        x[k] = s.get(JAVA_FLOAT, sByteOffset + (k - 2) * strideBytes + o);
      }
      loop.element().update(x, at.values());
      p.set(JAVA_FLOAT, pByteOffset + o, x[0]);
      for (int k = 2; k < x.length; k++) {
        s.set(JAVA_FLOAT, sByteOffset + (k - 2) * strideBytes + o, x[k]);
      }
    }
  }
}
