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
import java.util.Optional;
import java.util.function.BiFunction;

/// A loop of a kernel, compiled on its own, and twice: once for short calls and once for long ones.
///
/// # What C2 does to vector loops, and what the rules of our kernels are for
///
/// The Vector API is fast only where C2, HotSpot's optimizing compiler, keeps each vector in a
/// register. Where C2 fails to do so, every operation creates an object ("boxing"): the results are
/// still right, but a loop takes 10 to 100 times as long and allocates kilobytes per call. C2
/// decides by code sizes and call counts, so small details matter. All figures are from JDK 25 on
/// an AMD EPYC (Zen 4) with 512-bit vectors; `vector-core/decisions.md` describes the experiments.
///
/// **One species.** The Vector API shares code between species. That code boxes as soon as one JVM
/// has used two species with the same lane type. So [Lanes#F] is the only float species, and a
/// constant.
///
/// **Body once, whole vectors only.** A method that C2 compiles can hold about 50 vector operations
/// on memory. Beyond that (`NodeCountInliningCutoff`, 18000 nodes), C2 inlines only those methods
/// that the JDK forces it to inline. Our own methods remain calls, and a vector that is passed
/// through a call is boxed. The usual way to exceed the limit is a second copy of the body, for the
/// last elements under a mask: 37 kB per call for 133 elements, 0 with one copy. So a kernel's loop
/// runs over whole vectors, and [Elementwise] handles the elements after the last one.
///
/// **Loads and stores by the Vector API itself.** C2 always inlines the Vector API's own methods,
/// but helper methods of ours only if they were hot when C2 looked at them. A training step
/// allocated 1056 bytes with `load` and `store` helpers, and 0 without.
///
/// **A body is called at one place, and early.** Shared mathematics is a method of `core.math` that
/// takes and returns vectors. A loop calls it at one place, before its own operations, so that it
/// is inlined while the compiled method is still small. The method must be longer than 35 bytes of
/// bytecode. While the compilers are busy, C1 (the quick compiler) inlines methods of up to 35
/// bytes without counting the calls inside them. C2 then takes the methods that they call for
/// rarely used, and leaves them as calls for good. In one of 20 runs of the allocation audit that
/// boxed one kernel, each time another one.
///
/// **At most 80 calls of the Vector API in a method.** C1 runs out of registers between 93 and 99
/// of them and gives the method up. The method may then never get the profile that C2 waits for,
/// and stays boxed for ever.
///
/// **Native stores.** Until C2 has compiled it, the Vector API itself stores some vectors to arrays
/// on the heap. From then on C2 expects either kind of memory at each store, and keeps all checks
/// in the loop: relu took 0.27 ns per element after exp had run, and 0.064 without. A loop that
/// calls [Lanes#requireNative] on the segment in each turn shows C2 that only native memory occurs.
///
/// **At most three segments in a loop.** With a fourth segment, where the arenas of the segments
/// were of different kinds, C2 discarded its code a hundred times: for ten seconds the loop took 15
/// to 24 ns per element.
///
/// **Compiled on its own.** Where it can, C2 inlines a hot loop into its caller. The caller's code
/// then counts towards the limits above, and constants find no free registers: GELU took 0.83 ns
/// per element instead of 0.57. C2 never inlines a call through a method handle that is not a
/// constant, so the loop keeps its own code and its own profile. [#handle] returns such a handle.
///
/// **Compiled twice.** If a loop has run for 3 turns or fewer on average, C2 leaves the bounds
/// checks inside it, which makes it 2 to 3 times slower on long calls. So calls with at least
/// [#LONG] elements run the method of a hidden copy of the class, which has its own profile.
///
/// **The copy is too long to inline.** C2 may compile the code of the handle before it has a
/// profile of the loop. It would then inline the loop as rarely used code, whose body remains a
/// call. Instructions that do nothing, at the start of the copy, make the copy longer than C2's
/// limit for inlining (`FreqInlineSize`, 325 bytes). Of 3024 copies that were compiled while the
/// compilers were kept busy on purpose, none boxed; without these instructions 2 of 3888 did. The
/// class itself, which serves short calls, does not get them: one more call would add 1 ns to
/// some 15.
///
/// `KernelBudgetTest` checks the limits that can be read from class files, and the allocation audit
/// calls every public method until it allocates nothing.
public final class Loop {
  /// Calls with at least this many elements run the copy that C2 compiles for long loops. It is
  /// eight turns of the widest vector.
  static final int LONG = 128;

  /// The largest `FreqInlineSize` that a copy can exceed: HotSpot compiles no method of more than
  /// 8000 bytes (`HugeMethodLimit`), and the kernel itself needs some of them.
  private static final int MOST_INLINED = 7000;

  /// One hidden copy of each kernel class, for all its methods and parameters.
  private static final ClassValue<Lookup> COPIES =
      new ClassValue<>() {
        @Override
        protected Lookup computeValue(Class<?> kernel) {
          return copy(lookupIn(kernel));
        }
      };

  private final Class<?> kernel;
  private final String name;

  /// The class file of a loop that is made out of the kernel's; null for the kernel itself.
  private final byte[] derived;
  private final Float[] parameters;

  /// The rights of a kernel outside this module; null for our own, which open themselves to us.
  private final Lookup foreign;

  // Both are null until they are first used. They are not final, because C2 would take a final
  // handle for a constant and inline it.
  private MethodHandle ofShort;
  private MethodHandle ofLong;

  private Loop(Lookup foreign, Class<?> kernel, String name, byte[] derived, Float... parameters) {
    this.foreign = foreign;
    this.kernel = kernel;
    this.name = name;
    this.derived = derived;
    this.parameters = parameters;
  }

  /// Returns the loop in a static method of a kernel. Nothing is looked up or defined before the
  /// first call of [#handle].
  ///
  /// @param kernel a class without static state, since its hidden copy would have a second one.
  ///     Methods that take or return vectors must be private, because the others are never inlined
  ///     in the copy.
  /// @param name the name of the method, which only one method that is not private may have
  /// @param parameters values for the last parameters of the method, which are floats; a method
  ///     with fewer floats gets the first of these
  public static Loop of(Class<?> kernel, String name, Float... parameters) {
    return new Loop(null, kernel, name, null, parameters.clone());
  }

  /// Returns the loop in a static method of a class outside this module.
  ///
  /// @param kernel has all rights in that class, which is without static state, as for [#of]
  /// @param name the name of the method, which only one method that is not private may have
  public static Loop in(Lookup kernel, String name) {
    return new Loop(kernel, kernel.lookupClass(), name, null);
  }

  /// Returns a loop like this one in a class that is made out of its kernel, if it can be made.
  ///
  /// @param form makes the class file out of that of the kernel and the name of the loop
  public Optional<Loop> derive(BiFunction<byte[], String, Optional<byte[]>> form) {
    return form.apply(classFile(kernel), name)
        .map(file -> new Loop(foreign, kernel, name, file, parameters));
  }

  /// Returns the handle to call with [MethodHandle#invokeExact] on n elements.
  ///
  /// @throws LinkageError if the kernel has no such method, or its class file cannot be read
  public MethodHandle handle(long n) {
    MethodHandle handle = n < LONG ? ofShort : ofLong;
    return handle == null ? make(n < LONG) : handle;
  }

  /// Makes a handle when it is first used. Two threads may do so at once; they make equal handles.
  private MethodHandle make(boolean isShort) {
    MethodHandle handle = bound(isShort ? ofShortCalls() : ofLongCalls());
    if (isShort) {
      ofShort = handle;
    } else {
      ofLong = handle;
    }
    return handle;
  }

  private Lookup ofShortCalls() {
    return derived == null ? rights() : define(rights(), derived);
  }

  private Lookup ofLongCalls() {
    if (derived != null) {
      return define(rights(), filled(derived));
    }
    return foreign == null ? COPIES.get(kernel) : copy(foreign);
  }

  private Lookup rights() {
    return foreign == null ? lookupIn(kernel) : foreign;
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

  private static Lookup copy(Lookup kernel) {
    return define(kernel, filled(classFile(kernel.lookupClass())));
  }

  private static Lookup define(Lookup kernel, byte[] classFile) {
    try {
      return kernel.defineHiddenClass(classFile, false);
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /// Returns the class file of a kernel.
  ///
  /// @throws LinkageError if it cannot be read
  public static byte[] classFile(Class<?> kernel) {
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

  /// Returns the class file with instructions that do nothing at the start of each method that is
  /// not private. They make such a method longer than the longest one that C2 inlines.
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

  /// Returns HotSpot's option `FreqInlineSize`: the size in bytes of the longest method that C2
  /// inlines.
  ///
  /// @throws IllegalStateException if the option is so large that no loop could exceed it
  public static int longestInlined() {
    String value = VmOption.value("FreqInlineSize");
    int bytes = value.isEmpty() ? 325 : Integer.parseInt(value);
    if (bytes > MOST_INLINED) {
      throw new IllegalStateException(
          "Lanewise needs -XX:FreqInlineSize of at most " + MOST_INLINED + ", but it is " + bytes);
    }
    return bytes;
  }

  /// Returns what a loop has thrown, as an unchecked exception. An [Error] is thrown at once.
  /// Kernels throw no checked exceptions.
  public static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      return exception;
    }
    throw thrown instanceof Error error ? error : new AssertionError(thrown);
  }
}
