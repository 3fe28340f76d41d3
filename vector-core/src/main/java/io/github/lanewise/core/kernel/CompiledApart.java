package io.github.lanewise.core.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;

/// A loop that C2 compiles by itself, whoever calls it.
///
/// C2 copies a loop into its caller where it can. For a long body that is bad twice: the copy may
/// pass the limit of nodes, and then vectors become objects; and the constants may find no
/// registers, and are loaded anew in each turn. What is called by a handle that is not a constant,
/// as a field of this class is not, is never copied. No cost of the call was seen at 16 elements.
public final class CompiledApart {
  private final MethodHandle handle;

  /// A static method without a result.
  ///
  /// @throws LinkageError if the class has no such method
  public CompiledApart(Lookup lookup, Class<?> type, String name, Class<?>... parameters) {
    try {
      handle = lookup.findStatic(type, name, MethodType.methodType(void.class, parameters));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type.getName() + " has no " + name, e);
    }
  }

  /// To be called with [MethodHandle#invokeExact].
  public MethodHandle handle() {
    return handle;
  }

  /// What the loop threw: kernels throw no checked exceptions.
  public static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      return exception;
    }
    throw thrown instanceof Error error ? error : new AssertionError(thrown);
  }
}
