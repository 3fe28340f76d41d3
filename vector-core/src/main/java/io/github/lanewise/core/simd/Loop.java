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

/// The loop of a kernel, compiled by itself and twice: for calls with few elements, and with many.
///
/// - By itself, since C2 copies a loop into its caller where it can. Then the caller's nodes count
///   too, and past a limit calls stay in the body, so that vectors become objects; and constants
///   find no registers, and are loaded anew in each turn. What is called by a handle that is not a
///   constant is never copied.
/// - Twice, since C2 leaves the checks of bounds in a loop whose turns were 3 or fewer on average.
///   So calls with many elements run the method of a copy of the class, which has a profile of its
///   own.
/// - The copy is made too long to be copied even into the code of its handle. C2 may compile that
///   before it has a profile of the loop, which C1 compiles without one while the compilers are
///   busy; the body then seems rare and stays a call, for good. The class itself, for few elements,
///   is as it is: the one call more would take 1 ns of some 15, against a chance that was one in a
///   thousand where the compilers were kept busy on purpose.
public final class Loop {
  /// Elements of a call with many: 8 vectors of the widest.
  private static final int MANY = 128;

  /// Bytes of the longest method that C2 copies into its caller (`FreqInlineSize`).
  private static final int COPIED = 325;

  /// One copy of each class, for all its methods and parameters.
  private static final ClassValue<Lookup> COPIES =
      new ClassValue<>() {
        @Override
        protected Lookup computeValue(Class<?> kernel) {
          return copy(kernel);
        }
      };

  /// Not final: C2 may take the final field of a constant object for a constant.
  private MethodHandle ofFew;

  private MethodHandle ofMany;

  private Loop(MethodHandle ofFew, MethodHandle ofMany) {
    this.ofFew = ofFew;
    this.ofMany = ofMany;
  }

  /// Returns the static method of this name that is not private, with its last parameters bound.
  ///
  /// @param kernel has no state: the copy would have its own. Its methods that hand on
  ///   vectors are private: the copy's others are never inlined, and vectors would be objects
  /// @param parameters of type float; the method may take fewer, the first of these
  public static Loop of(Class<?> kernel, String name, Float... parameters) {
    return new Loop(
        bound(lookupIn(kernel), kernel, name, parameters),
        bound(COPIES.get(kernel), COPIES.get(kernel).lookupClass(), name, parameters));
  }

  private static MethodHandle bound(
      Lookup lookup, Class<?> kernel, String name, Float... parameters) {
    try {
      for (Method method : kernel.getDeclaredMethods()) {
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
    try (InputStream in = kernel.getResourceAsStream(kernel.getSimpleName() + ".class")) {
      return lookupIn(kernel).defineHiddenClass(lengthened(in.readAllBytes()), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  /// The class with instructions that do nothing at the start of each method that is not private.
  private static byte[] lengthened(byte[] kernel) {
    ClassFile file = ClassFile.of();
    return file.transformClass(
        file.parse(kernel),
        ClassTransform.transformingMethodBodies(
            method -> !method.flags().has(AccessFlag.PRIVATE),
            new CodeTransform() {
              @Override
              public void atStart(CodeBuilder code) {
                for (int i = 0; i < COPIED; i++) {
                  code.nop();
                }
              }

              @Override
              public void accept(CodeBuilder code, CodeElement element) {
                code.with(element);
              }
            }));
  }

  /// To be called with [MethodHandle#invokeExact] on n elements.
  public MethodHandle handle(long n) {
    return n < MANY ? ofFew : ofMany;
  }

  /// What the loop threw: kernels throw no checked exceptions.
  public static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      return exception;
    }
    throw thrown instanceof Error error ? error : new AssertionError(thrown);
  }
}
