package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Loop;
import io.github.lanewise.core.update.LoopForm;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The loop of an [UpdateRule], which C2 compiles on its own.
///
/// A loop on vectors is a static method with this signature:
///
/// ```
/// static void step(
///     MemorySegment p, long pByteOffset,           // the parameters, updated in place
///     MemorySegment g, long gByteOffset,           // their gradient, only read
///     MemorySegment s, long sByteOffset,           // the first state, updated in place
///     long sStrideBytes,                           // from each state to the next
///     int n,                                       // elements: a multiple of the vector length
///     float scale, float shrink,                   // g counts as scale g, and p as shrink p
///     float[] c)                                   // the scalars of the rule
/// ```
///
/// `scale` carries clipping and the sign of `maximize`, `shrink` decoupled weight decay; both are 1
/// where there is nothing to do. The species must be that of Lanewise, `Platform.vectorBits()`
/// wide. Fast loops call `p.isNative()` and `s.isNative()` in each turn, which tells C2 that only
/// native memory occurs, and no method that takes vectors and is shorter than 36 bytes of bytecode
/// calls another one. The class holds no static state but constants, since it is compiled twice.
///
/// States in bfloat16, clipping by value and L2 penalties take no time of their own if the loop
///
/// - computes its offsets as `long o = (long) i << 2`, addresses a state by `o` plus what is known
///   before the loop, and does nothing with `s` but load and store whole vectors of floats,
/// - loads one vector of p a turn, then that of g, and multiplies each of them at once by `shrink`
///   and `scale`, as in `FloatVector.fromMemorySegment(...).mul(scale)`.
///
/// Otherwise they take loops of their own before and after it.
///
/// For a first try a function of one element will do; it runs some 20 times slower.
public final class UpdateLoop {
  private static final MethodType TYPE =
      MethodType.methodType(
          void.class,
          MemorySegment.class,
          long.class,
          MemorySegment.class,
          long.class,
          MemorySegment.class,
          long.class,
          long.class,
          int.class,
          float.class,
          float.class,
          float[].class);

  private final Loop float32;
  private final Element element;

  /// The forms of the loop by their positions: null before one is first asked for, and empty if
  /// the loop cannot have it.
  private final AtomicReferenceArray<Optional<Loop>> forms =
      new AtomicReferenceArray<>(LoopForm.COUNT);

  private UpdateLoop(Loop float32, Element element) {
    this.float32 = float32;
    this.element = element;
  }

  /// A rule for one element, in plain Java.
  @FunctionalInterface
  public interface Element {
    /// Updates one element.
    ///
    /// @param x the parameter, its gradient, and its states in their order; the parameter and the
    ///     states are written back
    /// @param c the scalars of the rule
    void update(float[] x, float[] c);
  }

  /// {@return the loop in a static method of the caller's class}
  ///
  /// @param lookup `MethodHandles.lookup()` of the class with the method
  /// @param method the name of the method, which only one method that is not private may have
  /// @throws IllegalArgumentException if there is no static method with this name and signature
  public static UpdateLoop of(MethodHandles.Lookup lookup, String method) {
    requireMethod(lookup, method);
    return new UpdateLoop(Loop.in(lookup, method), null);
  }

  /// {@return a loop over a function of one element}
  ///
  /// @param element called for each element, by one thread at a time for each part of the arrays
  public static UpdateLoop ofElements(Element element) {
    return new UpdateLoop(null, Objects.requireNonNull(element, "element is null"));
  }

  /// The loop of a kernel of ours.
  static UpdateLoop of(Class<?> kernel, String method) {
    return new UpdateLoop(Loop.of(kernel, method), null);
  }

  private static void requireMethod(MethodHandles.Lookup lookup, String method) {
    try {
      lookup.findStatic(lookup.lookupClass(), method, TYPE);
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new IllegalArgumentException(
          "%s has no static method %s%s"
              .formatted(lookup.lookupClass().getName(), method, TYPE.toMethodDescriptorString()),
          e);
    }
  }

  /// A form of the loop, or null if it has none.
  Loop form(LoopForm form) {
    Optional<Loop> made = forms.get(form.index());
    if (made == null) {
      made = Optional.ofNullable(float32 == null ? null : make(form));
      forms.set(form.index(), made);
    }
    return made.orElse(null);
  }

  private Loop make(LoopForm form) {
    return form.index() == 0 ? float32 : float32.derive(form::derive).orElse(null);
  }

  Element element() {
    return element;
  }

  /// Calls the function of one element for n elements.
  void elements(
      MemorySegment p,
      long pByteOffset,
      MemorySegment g,
      long gByteOffset,
      MemorySegment s,
      long sByteOffset,
      long strideBytes,
      int n,
      float scale,
      UpdateScalars at,
      int states) {
    float[] x = new float[2 + states];
    for (int i = 0; i < n; i++) {
      long o = (long) i * Float.BYTES;
      x[0] = p.get(JAVA_FLOAT, pByteOffset + o) * at.shrink();
      x[1] = g.get(JAVA_FLOAT, gByteOffset + o) * scale;
      for (int k = 0; k < states; k++) {
        x[2 + k] = s.get(JAVA_FLOAT, sByteOffset + k * strideBytes + o);
      }
      element.update(x, at.values());
      p.set(JAVA_FLOAT, pByteOffset + o, x[0]);
      for (int k = 0; k < states; k++) {
        s.set(JAVA_FLOAT, sByteOffset + k * strideBytes + o, x[2 + k]);
      }
    }
  }
}
