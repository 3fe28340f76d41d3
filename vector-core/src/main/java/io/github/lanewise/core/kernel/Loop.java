package io.github.lanewise.core.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
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
public final class Loop {
  /// Elements of a call with many: 8 vectors of the widest.
  private static final int MANY = 128;

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
  /// @param kernel has no state: the copy would have its own
  /// @param parameters of type float; the method may take fewer, the first of these
  public static Loop of(Class<?> kernel, String name, Float... parameters) {
    return new Loop(
        bound(MethodHandles.lookup(), kernel, name, parameters),
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

  private static Lookup copy(Class<?> kernel) {
    try (InputStream in = kernel.getResourceAsStream(kernel.getSimpleName() + ".class")) {
      return MethodHandles.lookup().defineHiddenClass(in.readAllBytes(), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalAccessException e) {
      throw new LinkageError(e.getMessage(), e);
    }
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
