package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.Bfloat16Kernel;
import io.github.lanewise.core.update.LerpKernel;
import io.github.lanewise.core.update.LoopForm;
import io.github.lanewise.core.update.ZeroKernel;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// Steps of a rule over one run of parameters, which lie side by side in memory as their gradients
/// and states do.
///
/// A step is a short list of loops over each chunk of at most 1024 elements, so that a chunk stays
/// in the first cache while the loops go over it: decode the states, prepare the gradient, apply
/// the rule, encode the states, average, zero the gradient. A loop that would change nothing is
/// left out. The bits depend neither on chunks nor on how a step is cut into calls of [#step].
///
/// The arrays are fixed; any number of threads may work on different parts of them.
public final class UpdateRun {
  /// Calls of [#step] begin at multiples of this.
  public static final long PART = 1L << 15;

  private static final int CHUNK = 1024;

  /// The largest number of elements in one call of a loop, whose counter is an `int`.
  private static final long MOST = 1L << 28;

  /// Chunks are multiples of this, which is a multiple of every unit.
  private static final int UNIT = 256;

  // What lies in the areas of scratch memory. States follow from STATES on.
  private static final int GRADIENT = 0;
  private static final int PARAMETERS = 1;
  private static final int COMPENSATION = 2;
  private static final int AVERAGE = 3;
  private static final int STATES = 4;

  private static final Loop LERP = Loop.of(LerpKernel.class, "step");
  private static final Loop ZERO = Loop.of(ZeroKernel.class, "step");
  private static final Loop JOIN = Loop.of(Bfloat16Kernel.class, "join");
  private static final Loop SPLIT = Loop.of(Bfloat16Kernel.class, "split");
  private static final Loop ROUND = Loop.of(Bfloat16Kernel.class, "roundAtRandom");

  /// Stands for any thread but the one that owns a confined arena.
  private static final Thread ANOTHER = new Thread(() -> {}, "never started");

  private final UpdateLoop loop;
  private final FloatArray p;
  private final FloatArray g;
  private final UpdateState states;
  private final long stateFrom;
  private final FloatArray average;
  private final FloatArray compensation;
  private final int unit;
  private final int chunk;
  private final long areaBytes;

  private UpdateRun(
      UpdateLoop loop,
      FloatArray p,
      FloatArray g,
      UpdateState states,
      long stateFrom,
      FloatArray average,
      FloatArray compensation) {
    this.loop = loop;
    this.p = p;
    this.g = g;
    this.states = states;
    this.stateFrom = stateFrom;
    this.average = average;
    this.compensation = compensation;
    unit = states.precision().unit();
    long areas = (long) STATES + states.count();
    long room = (Scratch.BYTES / areas - Scratch.SLOT_BYTES) / Float.BYTES;
    chunk = (int) Math.min(CHUNK, room / UNIT * UNIT);
    areaBytes = (long) chunk * Float.BYTES + Scratch.SLOT_BYTES;
  }

  /// Creates a run.
  ///
  /// @param loop the loop of the rule
  /// @param p the parameters
  /// @param g their gradient, as long
  /// @param states the states
  /// @param stateFrom the element of the states that belongs to the first parameter, a multiple of
  ///     the granule of their precision
  /// @return the run
  /// @throws IllegalArgumentException if lengths differ, the arrays overlap, the states have too
  ///     few elements, or the rule has more states than fit
  /// @throws IllegalStateException if the arena of an array is closed
  /// @throws WrongThreadException if it is confined to another thread
  public static UpdateRun of(
      UpdateLoop loop, FloatArray p, FloatArray g, UpdateState states, long stateFrom) {
    Checks.sameLength("p", p, "g", g);
    Checks.disjoint("p", p, "g", g);
    states.requireUsable("the states");
    if (stateFrom < 0
        || stateFrom + p.length() > states.elements()
        || stateFrom % states.precision().granule() != 0) {
      throw new IllegalArgumentException(
          "the states have %d elements, %d from %d on are needed"
              .formatted(states.elements(), p.length(), stateFrom));
    }
    UpdateRun run = new UpdateRun(loop, p, g, states, stateFrom, null, null);
    if (run.chunk == 0) {
      throw new IllegalArgumentException("the rule has " + states.count() + " states, at most 26");
    }
    return run;
  }

  /// {@return this run with an average of the parameters, which moves in each step that asks for
  /// it}
  ///
  /// @param average as long as the parameters
  /// @throws IllegalArgumentException if it is not
  public UpdateRun withAverage(FloatArray average) {
    Checks.sameLength("p", p, "average", average);
    return new UpdateRun(loop, p, g, states, stateFrom, average, compensation);
  }

  /// {@return this run for parameters in bfloat16, whose rounding errors are kept}
  ///
  /// The rule then works on the sum of the two, as in Kahan's compensated sum.
  ///
  /// @param compensation as long as the parameters; zeros before the first step
  /// @throws IllegalArgumentException if it is not
  public UpdateRun withCompensation(FloatArray compensation) {
    Checks.sameLength("p", p, "compensation", compensation);
    return new UpdateRun(loop, p, g, states, stateFrom, average, compensation);
  }

  /// {@return the number of parameters}
  public long length() {
    return p.length();
  }

  /// {@return whether threads other than the one that opened the arenas may work on the arrays}
  public boolean isShared() {
    return p.memory().isAccessibleBy(ANOTHER)
        && g.memory().isAccessibleBy(ANOTHER)
        && states.memory().isAccessibleBy(ANOTHER)
        && (average == null || average.memory().isAccessibleBy(ANOTHER))
        && (compensation == null || compensation.memory().isAccessibleBy(ANOTHER));
  }

  /// Updates the parameters from `from` to `to`.
  ///
  /// The arrays are not checked here, since a step asks all of them before it changes the first.
  ///
  /// @param from the first parameter, a multiple of [#PART]
  /// @param to the parameter behind the last one, a multiple of [#PART] or the number of parameters
  /// @param at the scalars of this step
  public void step(long from, long to, UpdateScalars at) {
    long whole = to - (to - from) % unit;
    Loop alone = states.precision() == StatePrecision.BLOCK8 ? null : form(isBfloat16(), at);
    boolean isPlain =
        alone != null && !at.endsWithMore() && !movesAverage(at) && compensation == null;
    try {
      if (isPlain) {
        for (long i = from; i < whole; i += MOST) {
          plain(alone, i, (int) Math.min(MOST, whole - i), at);
        }
        if (whole == to) {
          return;
        }
      }
      try (Scratch scratch = Scratch.take()) {
        MemorySegment s = scratch.memory();
        for (long i = isPlain ? whole : from; i < whole; i += chunk) {
          piece(s, i, (int) Math.min(chunk, whole - i), at);
        }
        if (whole < to) {
          piece(s, whole, (int) (to - whole), at);
        }
      }
    } catch (Throwable e) {
      throw Loop.unchecked(e);
    }
  }

  private boolean movesAverage(UpdateScalars at) {
    return average != null && !Float.isNaN(at.averageWeight());
  }

  private boolean isBfloat16() {
    return states.precision() == StatePrecision.BFLOAT16;
  }

  /// The loop of the rule that changes the gradient as the scalars say, or null. A penalty is for
  /// the parameters before they shrink, which such a loop no longer has.
  private Loop form(boolean isBfloat16, UpdateScalars at) {
    if (at.isDecayed() && at.shrink() != 1f) {
      return null;
    }
    return loop.form(LoopForm.of(isBfloat16, at.isClipped(), at.isDecayed()));
  }

  /// One loop on whole units.
  private void plain(Loop alone, long i, int n, UpdateScalars at) throws Throwable {
    rule(
        alone,
        p.memory(),
        p.byteOffset(i),
        g.memory(),
        g.byteOffset(i),
        states.memory(),
        states.byteOffset(stateFrom + i),
        states.strideBytes(),
        n,
        at.scale(),
        at);
  }

  /// All loops over one chunk. A chunk that ends inside a unit is copied to scratch memory, updated
  /// there as a whole unit, and copied back.
  private void piece(MemorySegment s, long i, int n, UpdateScalars at) throws Throwable {
    int m = Math.ceilDiv(n, unit) * unit;
    boolean isStaged = m != n;
    MemorySegment gm = isStaged ? stage(s, GRADIENT, g, i, n, m) : g.memory();
    long go = isStaged ? area(GRADIENT) : g.byteOffset(i);
    MemorySegment pm = isStaged ? stage(s, PARAMETERS, p, i, n, m) : p.memory();
    long po = isStaged ? area(PARAMETERS) : p.byteOffset(i);
    if (compensation != null) {
      MemorySegment cm =
          isStaged ? stage(s, COMPENSATION, compensation, i, n, m) : compensation.memory();
      long co = isStaged ? area(COMPENSATION) : compensation.byteOffset(i);
      JOIN.handle(m).invokeExact(pm, po, cm, co, s, area(PARAMETERS), m);
      rules(s, s, area(PARAMETERS), gm, go, i, n, m, at);
      SPLIT.handle(m).invokeExact(s, area(PARAMETERS), pm, po, cm, co, m);
      if (isStaged) {
        unstage(s, COMPENSATION, compensation, i, n);
      }
    } else {
      rules(s, pm, po, gm, go, i, n, m, at);
    }
    if (at.roundingKey() != 0) {
      int index = (int) (stateFrom + i);
      ROUND.handle(m).invokeExact(pm, po, m, index, at.roundingKey());
    }
    if (movesAverage(at)) {
      MemorySegment am = isStaged ? stage(s, AVERAGE, average, i, n, m) : average.memory();
      long ao = isStaged ? area(AVERAGE) : average.byteOffset(i);
      LERP.handle(m).invokeExact(am, ao, pm, po, am, ao, m, at.averageWeight());
      if (isStaged) {
        unstage(s, AVERAGE, average, i, n);
      }
    }
    if (isStaged) {
      unstage(s, PARAMETERS, p, i, n);
    }
    if (at.zeroesGradient()) {
      ZERO.handle(m).invokeExact(gm, go, m);
      if (isStaged) {
        unstage(s, GRADIENT, g, i, n);
      }
    }
  }

  /// The rule, with what it needs before and after: its gradient, and its states as floats.
  private void rules(
      MemorySegment s,
      MemorySegment pm,
      long po,
      MemorySegment gm,
      long go,
      long i,
      int n,
      int m,
      UpdateScalars at)
      throws Throwable {
    Loop plain = loop.form(LoopForm.of(isBfloat16(), false, false));
    boolean isInPlace =
        plain != null && (isBfloat16() || (states.precision() == StatePrecision.FLOAT32 && m == n));
    Loop rule = form(isBfloat16() && isInPlace, at);
    float scale = at.scale();
    MemorySegment rg = gm;
    long ro = go;
    if (rule == null && at.isPrepared()) {
      rule = loop.form(LoopForm.of(isBfloat16() && isInPlace, false, false));
      rg = s;
      ro = area(GRADIENT);
      Updates.prepare(pm, po, gm, go, s, ro, m, at);
      scale = 1f;
    }
    if (isInPlace) {
      long so = states.byteOffset(stateFrom + i);
      rule(rule, pm, po, rg, ro, states.memory(), so, states.strideBytes(), m, scale, at);
      return;
    }
    for (int k = 0; k < states.count(); k++) {
      states.decode(s, area(STATES + k), k, stateFrom + i, n);
    }
    if (rule == null) {
      loop.elements(pm, po, rg, ro, s, area(STATES), areaBytes, n, scale, at, states.count());
    } else {
      rule(rule, pm, po, rg, ro, s, area(STATES), areaBytes, m, scale, at);
    }
    for (int k = 0; k < states.count(); k++) {
      states.encode(s, area(STATES + k), k, stateFrom + i, n);
    }
  }

  private static void rule(
      Loop rule,
      MemorySegment pm,
      long po,
      MemorySegment gm,
      long go,
      MemorySegment sm,
      long so,
      long strideBytes,
      int n,
      float scale,
      UpdateScalars at)
      throws Throwable {
    MethodHandle f = rule.handle(n);
    f.invokeExact(pm, po, gm, go, sm, so, strideBytes, n, scale, at.shrink(), at.values());
  }

  private long area(int number) {
    return number * areaBytes;
  }

  /// Copies the end of an array to scratch memory, and fills it up with zeros.
  private MemorySegment stage(MemorySegment s, int number, FloatArray x, long i, int n, int m) {
    long at = area(number);
    MemorySegment.copy(x.memory(), x.byteOffset(i), s, at, (long) n * Float.BYTES);
    for (int j = n; j < m; j++) {
      s.set(JAVA_FLOAT, at + (long) j * Float.BYTES, 0f);
    }
    return s;
  }

  private void unstage(MemorySegment s, int number, FloatArray x, long i, int n) {
    MemorySegment.copy(s, area(number), x.memory(), x.byteOffset(i), (long) n * Float.BYTES);
  }
}
