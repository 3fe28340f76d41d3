package io.github.lanewise.core.simd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;

/// A loop of a kernel, compiled on its own, and twice: once for short calls and once for long ones.
///
/// # What C2 does to vector loops, and what the rules of our kernels are for
///
/// The Vector API is fast only where C2, HotSpot's optimizing compiler, turns each vector into a
/// register. Where it fails to, every operation creates an object ("boxing"): results stay right,
/// but a loop takes 10 to 100 times as long and allocates kilobytes a call. C2 decides by sizes and
/// call counts, so small things decide. All figures: JDK 25, AMD EPYC (Zen 4), 512-bit vectors;
/// `vector-core/decisions.md` has the experiments behind them.
///
/// **One species.** Code that the Vector API shares between species boxes as soon as one JVM has
/// used two species with the same lane type. [Lanes#F] is the only float species, and a constant.
///
/// **Body once, whole vectors only.** A method that C2 compiles may hold about 50 vector operations
/// over memory. Past that (`NodeCountInliningCutoff`, 18000 nodes) C2 inlines nothing more but what
/// the JDK forces; methods of ours that are given vectors stay calls, and calls box. A second copy
/// of the body, for the last elements under a mask, is what most often goes past the limit: 37 kB a
/// call for 133 elements, 0 with one copy. So a kernel's loop runs over whole vectors, and
/// [Elementwise] stages the elements after the last one.
///
/// **Loads and stores by the Vector API itself.** Its own methods are always inlined, helpers of
/// ours only where they were hot when C2 looked. A training step allocated 1056 bytes with `load`
/// and `store` helpers, 0 without.
///
/// **A body is called at one place, and early.** Shared mathematics is a method of `core.math` that
/// takes and returns vectors. A loop calls it at one place, before its own operations, so that it
/// is inlined while the method is still small. It is longer than 35 bytes: while the compilers are
/// busy, C1 (the quick compiler) copies methods of up to 35 bytes without counting the calls in
/// them, C2 then takes what they call for rare, and leaves it a call for good. That boxed one
/// kernel, each time another, in one of 20 runs of the allocation audit.
///
/// **At most 80 calls of the Vector API in a method.** C1 runs out of registers between 93 and 99,
/// gives the method up, and may leave it without the profile that C2 waits for: boxed for ever.
///
/// **Native stores.** Until C2 compiles it, the Vector API itself stores some vectors to arrays on
/// the heap. From then on C2 believes that each store may meet either kind of memory, and keeps all
/// checks in the loop: relu took 0.27 ns per element after exp had run, 0.064 without. A loop that
/// calls [Lanes#requireNative] on the segment in each turn gives C2 the one kind that it ever sees.
///
/// **At most three segments in a loop.** With a fourth, C2 threw its code away a hundred times
/// where the arenas of the segments were of different kinds: ten seconds at 15 to 24 ns per
/// element.
///
/// **Compiled on its own.** C2 copies a hot loop into its caller where it can. Then the caller
/// counts towards the limits above, and constants find no registers: GELU took 0.83 ns per element
/// instead of 0.57. A call through a method handle that is not a constant is never inlined, so the
/// loop keeps its own code and its own profile. That is what [#handle] returns.
///
/// **Compiled twice.** C2 leaves the bounds checks in a loop that ran for 3 turns or less on
/// average, and a loop compiled for short calls is 2 to 3 times slower on long ones. So calls with
/// [#LONG] elements and more run the method of a hidden copy of the class, which has a profile of
/// its own.
///
/// **The copy is too long to inline.** C2 may compile the code of the handle before it has a
/// profile of the loop, and would inline the loop there as something rare, with its body left a
/// call. Instructions that do nothing at the start of the copy make it longer than C2's limit for
/// inlining (`FreqInlineSize`, 325 bytes). Of 3024 copies that were compiled while the compilers
/// were kept busy on purpose, none boxed; without the filling, 2 of 3888 did. The class itself,
/// for short calls, is not filled: a call more takes 1 ns of some 15.
///
/// `KernelBudgetTest` holds the limits that can be read from the class files, and the allocation
/// audit calls every public method until it allocates nothing.
public final class Loop {
  /// Calls with at least this many elements run the copy that C2 compiles for long loops: eight
  /// turns of the widest vector.
  static final int LONG = 128;

  /// The largest `FreqInlineSize` that a copy can exceed: HotSpot compiles no method of more than
  /// 8000 bytes (`HugeMethodLimit`), and a kernel needs some of them.
  private static final int MOST_INLINED = 7000;

  /// One hidden copy of each kernel class, for all its methods and parameters.
  private static final ClassValue<Lookup> COPIES =
      new ClassValue<>() {
        @Override
        protected Lookup computeValue(Class<?> kernel) {
          return copy(kernel);
        }
      };

  private final Class<?> kernel;
  private final String name;
  private final Float[] parameters;

  // Both are null until they are used. They are not final: a handle that C2 takes for a constant
  // would be inlined.
  private MethodHandle ofShort;
  private MethodHandle ofLong;

  private Loop(Class<?> kernel, String name, Float... parameters) {
    this.kernel = kernel;
    this.name = name;
    this.parameters = parameters;
  }

  /// Returns the loop in the static method of this name, with its last parameters bound. Nothing is
  /// looked up or defined before the first call.
  ///
  /// @param kernel has no static state, since its hidden copy would have its own, and no method
  ///     but private ones that hands on vectors, since the others are never inlined in the copy
  /// @param name of the one method of that name that is not private
  /// @param parameters of type float; the method may take fewer, the first of these
  public static Loop of(Class<?> kernel, String name, Float... parameters) {
    return new Loop(kernel, name, parameters.clone());
  }

  /// Returns the handle to call with [MethodHandle#invokeExact] on n elements.
  ///
  /// @throws LinkageError if the kernel has no such method, or its class file cannot be read
  public MethodHandle handle(long n) {
    MethodHandle handle = n < LONG ? ofShort : ofLong;
    return handle == null ? make(n < LONG) : handle;
  }

  /// Two threads may both come here at first; they make two handles of one method.
  private MethodHandle make(boolean isShort) {
    if (isShort) {
      MethodHandle handle = bound(lookupIn(kernel));
      ofShort = handle;
      return handle;
    }
    MethodHandle handle = bound(COPIES.get(kernel));
    ofLong = handle;
    return handle;
  }

  private MethodHandle bound(Lookup lookup) {
    try {
      for (Method method : lookup.lookupClass().getDeclaredMethods()) {
        if (method.getName().equals(name) && !Modifier.isPrivate(method.getModifiers())) {
          MethodHandle handle = lookup.unreflect(method);
          List<Class<?>> types = handle.type().parameterList();
          int floats = types.size() - 1 - types.lastIndexOf(int.class);
          Object[] own = Arrays.copyOf(parameters, Math.min(floats, parameters.length));
          return MethodHandles.insertArguments(handle, types.size() - own.length, own);
        }
      }
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
    throw new LinkageError(kernel.getName() + " has no method " + name);
  }

  private static Lookup lookupIn(Class<?> kernel) {
    try {
      return MethodHandles.privateLookupIn(kernel, MethodHandles.lookup());
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static Lookup copy(Class<?> kernel) {
    try {
      return lookupIn(kernel).defineHiddenClass(filled(classFile(kernel)), false);
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  private static byte[] classFile(Class<?> kernel) {
    String file = kernel.getName().substring(kernel.getPackageName().length() + 1) + ".class";
    try (InputStream in = kernel.getResourceAsStream(file)) {
      if (in == null) {
        throw new LinkageError(
            "the class file of "
                + kernel.getName()
                + " cannot be read as a resource: Lanewise needs its own class files at run time,"
                + " so a tool that shrinks or repackages the jar must keep them");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The class with instructions that do nothing at the start of each method that is not private,
  /// more of them than the longest method that C2 inlines has bytes.
  private static byte[] filled(byte[] kernel) {
    int inlined = longestInlined();
    ClassFile file = ClassFile.of();
    return file.transformClass(
        file.parse(kernel),
        ClassTransform.transformingMethodBodies(
            method -> !method.flags().has(AccessFlag.PRIVATE),
            new CodeTransform() {
              @Override
              public void atStart(CodeBuilder code) {
                for (int i = 0; i < inlined; i++) {
                  code.nop();
                }
              }

              @Override
              public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
              }
            }));
  }

  /// HotSpot's option `FreqInlineSize`.
  ///
  /// @throws IllegalStateException if the option is so large that no loop could exceed it
  public static int longestInlined() {
    String value = VmOption.value("FreqInlineSize");
    int bytes = value.isEmpty() ? 325 : Integer.parseInt(value);
    if (bytes > MOST_INLINED) {
      throw new IllegalStateException(
          "-XX:FreqInlineSize is " + bytes + ", but Lanewise needs at most " + MOST_INLINED);
    }
    return bytes;
  }

  /// Returns what a loop threw; kernels throw no checked exceptions.
  public static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      return exception;
    }
    throw thrown instanceof Error error ? error : new AssertionError(thrown);
  }
}
