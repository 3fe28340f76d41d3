package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Loop;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Objects;
import java.util.function.Predicate;

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
  private final Loop bfloat16;
  private final Element element;
  private final Predicate<float[]> condition;

  private UpdateLoop(Loop float32, Loop bfloat16, Element element) {
    this(float32, bfloat16, element, c -> true);
  }

  private UpdateLoop(Loop float32, Loop bfloat16, Element element, Predicate<float[]> condition) {
    this.condition = condition;
    this.float32 = float32;
    this.bfloat16 = bfloat16;
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
    return new UpdateLoop(Loop.in(lookup, method), null, null);
  }

  /// {@return the loop in a static method of the caller's class, and the one for states in
  /// bfloat16}
  ///
  /// Without the second, states in bfloat16 are converted before and after the first.
  ///
  /// @param lookup `MethodHandles.lookup()` of the class with the methods
  /// @param method the loop for states in float32
  /// @param bfloat16Method the loop for states in bfloat16. Each turn updates 2 L elements, where L
  ///     is the vector length; an `int` of a state holds element j in its low half and element
  ///     j + L in its high half
  /// @throws IllegalArgumentException if there is no static method with one of these names and this
  ///     signature
  public static UpdateLoop of(MethodHandles.Lookup lookup, String method, String bfloat16Method) {
    requireMethod(lookup, method);
    requireMethod(lookup, bfloat16Method);
    return new UpdateLoop(Loop.in(lookup, method), Loop.in(lookup, bfloat16Method), null);
  }

  /// {@return a loop over a function of one element}
  ///
  /// @param element called for each element, by one thread at a time for each part of the arrays
  public static UpdateLoop ofElements(Element element) {
    return new UpdateLoop(null, null, Objects.requireNonNull(element, "element is null"));
  }

  /// The loop of a kernel of ours.
  static UpdateLoop of(Class<?> kernel, String method) {
    return new UpdateLoop(Loop.of(kernel, method), null, null);
  }

  /// The loops of a kernel of ours, for states in float32 and in bfloat16.
  ///
  /// @param condition whether the second loop takes these scalars
  static UpdateLoop of(
      Class<?> kernel, String method, String bfloat16Method, Predicate<float[]> condition) {
    return new UpdateLoop(
        Loop.of(kernel, method), Loop.of(kernel, bfloat16Method), null, condition);
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

  /// Whether states in bfloat16 have a loop of their own that takes these scalars.
  boolean hasBfloat16(UpdateScalars at) {
    return bfloat16 != null && condition.test(at.values());
  }

  /// The handle for n elements, or null if the rule is a function of one element.
  MethodHandle handle(boolean isBfloat16, int n) {
    Loop loop = isBfloat16 ? bfloat16 : float32;
    return loop == null ? null : loop.handle(n);
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
