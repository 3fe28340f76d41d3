package io.github.lanewise.properties.mutants;

import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A copy of the library and of its checkers, in which one float constant of one class is another.
///
/// The copy's classes are defined anew from the same files. Only the oracles are shared, since they
/// compute in double, know no kernel, and take a second to set up.
public final class Mutant extends ClassLoader {
  private static final String OURS = "io.github.lanewise.";
  private static final String ORACLES = "io.github.lanewise.bench.accuracy.";
  private static final Set<String> SHARED = Set.of(ORACLES + "Oracle", ORACLES + "ErfOracle");

  private final Coefficient original;
  private final float changed;

  /// A copy that differs in one coefficient.
  public Mutant(Coefficient original, float changed) {
    super(Mutant.class.getClassLoader());
    this.original = original;
    this.changed = changed;
  }

  /// A float constant in the code of a class of `core.math`.
  public record Coefficient(String className, float value) {
    /// The value with bit `bit` turned, 0 being the last.
    float flipped(int bit) {
      return Float.intBitsToFloat(Float.floatToRawIntBits(value) ^ 1 << bit);
    }

    String shortName() {
      return className.substring(className.lastIndexOf('.') + 1);
    }

    @Override
    public String toString() {
      return shortName() + "'s " + value;
    }
  }

  /// The constants of a class that its arithmetic uses. Limits are not among them: what is compared
  /// or blended, and what has no more than seven significant bits, as powers of two.
  ///
  /// @param called the methods that run, as [#calls] has them
  public static List<Coefficient> coefficients(ClassModel model, Set<String> called) {
    List<Coefficient> found = new ArrayList<>();
    for (MethodModel method : model.methods()) {
      if (!called.contains(Modules.where(model, method) + method.methodType().stringValue())) {
        continue;
      }
      List<Instruction> code = new ArrayList<>();
      for (CodeElement element : Modules.code(method)) {
        if (element instanceof Instruction instruction) {
          code.add(instruction);
        }
      }
      for (int i = 0; i + 1 < code.size(); i++) {
        if (code.get(i) instanceof ConstantInstruction constant
            && constant.constantValue() instanceof Float value
            && (Float.floatToRawIntBits(value) & 0xFFFF) != 0
            && !selects(code.get(i + 1))) {
          Coefficient coefficient = new Coefficient(Modules.name(model), value);
          if (!found.contains(coefficient)) {
            found.add(coefficient);
          }
        }
      }
    }
    return found;
  }

  /// The methods that the classes call, with their types.
  public static Set<String> calls(List<ClassModel> models) {
    Set<String> calls = new HashSet<>();
    for (ClassModel model : models) {
      for (MethodModel method : model.methods()) {
        for (CodeElement element : Modules.code(method)) {
          if (element instanceof InvokeInstruction call) {
            String owner = call.owner().asInternalName().replace('/', '.');
            calls.add(owner + "." + call.name().stringValue() + call.type().stringValue());
          }
        }
      }
    }
    return calls;
  }

  private static boolean selects(Instruction next) {
    return next instanceof InvokeInstruction call
        && Set.of("compare", "blend").contains(call.name().stringValue());
  }

  /// Calls a static method of the copy of `type` that takes a string.
  public Object call(Class<?> type, String name, String argument) {
    try {
      Method method = loadClass(type.getName()).getDeclaredMethod(name, String.class);
      method.setAccessible(true);
      return method.invoke(null, argument);
    } catch (InvocationTargetException e) {
      throw new AssertionError("in the mutant of " + original, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS) || SHARED.contains(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try (InputStream in = getParent().getResourceAsStream(file)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      if (name.equals(original.className)) {
        bytes = mutate(bytes);
      }
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] mutate(byte[] bytes) {
    return ClassFile.of()
        .transformClass(
            ClassFile.of().parse(bytes),
            ClassTransform.transformingMethodBodies(
                (code, element) -> {
                  if (element instanceof ConstantInstruction constant
                      && constant.constantValue() instanceof Float value
                      && value == original.value) {
                    code.loadConstant(changed);
                  } else {
                    code.with(element);
                  }
                }));
  }
}
