package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.PackedMatrix;
import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The audit calls every public method that computes: the methods come from the classes of the
/// libraries, the calls from the code of [Facades], [BatchFacades] and [AuditedCalls].
class AuditCompletenessTest {
  private static final Set<String> CALLERS = Set.of("Facades", "BatchFacades", "AuditedCalls");

  /// Methods that may allocate, and why.
  private static final Map<String, String> MAY_ALLOCATE =
      Map.ofEntries(
          Map.entry("FloatArray.slice", "makes a view"),
          Map.entry("FloatArray.segment", "makes a view"),
          Map.entry("FloatArray.toArray", "makes an array"),
          Map.entry("FloatArray.toString", "makes a text"),
          Map.entry("Batch.in", "makes a view"),
          Map.entry("Filler.fill", "is called when a model is made"),
          Map.entry("CountingArena.close", "is called when a model is closed"),
          Map.entry("ModelPool.close", "is called when a model is closed"),
          Map.entry("ParallelGemm.multiply", "hands tasks to an executor"),
          Map.entry("ParallelGemm.multiplyAdd", "hands tasks to an executor"),
          Map.entry("ModelPool.swap", "makes a model"),
          Map.entry("StateDict.put", "is called when a model is made, saved or loaded"),
          Map.entry("StateDict.copyFrom", "is called when a model is loaded"),
          Map.entry("Optimizer.loadStateDict", "is called when a run is resumed"),
          Map.entry("Lbfgs.loadStateDict", "is called when a run is resumed"),
          Map.entry("Scheduler.loadState", "is called when a run is resumed"),
          Map.entry("PlateauScheduler.loadState", "is called when a run is resumed"),
          Map.entry("ScheduledSettings.setMomentum", "throws, unless an optimizer overrides it"),
          Map.entry("Optimizer.freeze", "makes the runs of parameters anew"),
          Map.entry("Optimizer.unfreeze", "makes the runs of parameters anew"),
          Map.entry("Optimizer.skip", "makes the runs of parameters anew"),
          Map.entry("Optimizer.evaluate", "is called between epochs"),
          Map.entry("Optimizer.train", "is called between epochs"),
          Map.entry("UpdateRun.of", "is called when parameters change their runs"),
          Map.entry("UpdateRun.withAverage", "is called when parameters change their runs"),
          Map.entry("UpdateRun.withCompensation", "is called when parameters change their runs"),
          Map.entry("TensorUpdate.step", "is called by Optimizer.step"),
          Map.entry("RuleCheck.requireSame", "is called in tests"),
          Map.entry("Element.update", "is the caller's own"),
          Map.entry("AdafactorRun.ofVector", "is called when an optimizer is made"),
          Map.entry("AdafactorRun.ofMatrices", "is called when an optimizer is made"),
          Map.entry("UpdateState.reset", "is called when a run is resumed"),
          Map.entry("UpdateSettings.copyFrom", "is called when a run is resumed"));

  @Test
  void everyPublicMethodThatComputesIsCalled() throws IOException {
    Map<String, Method> methods = computing();
    assertTrue(methods.size() > 40, () -> "only " + methods.keySet());
    Set<String> called = new TreeSet<>();
    for (ClassModel model : Modules.testClasses("property-tests")) {
      if (isCaller(model)) {
        for (PoolEntry entry : model.constantPool()) {
          if (entry instanceof MemberRefEntry member) {
            called.add(key(member));
          }
        }
      }
    }
    Set<String> missing = new TreeSet<>();
    methods.forEach(
        (key, method) -> {
          if (!called.contains(key) && !MAY_ALLOCATE.containsKey(name(method))) {
            missing.add(key);
          }
        });
    assertEquals(Set.of(), missing, "public methods without a call in " + CALLERS);
  }

  @Test
  void everyMethodThatMayAllocateExists() throws IOException {
    Set<String> names = new TreeSet<>();
    computing().values().forEach(method -> names.add(name(method)));
    Set<String> missing = new TreeSet<>(MAY_ALLOCATE.keySet());
    missing.removeAll(names);
    assertEquals(Set.of(), missing, "names without a method that computes");
  }

  /// The public methods that take arrays, that return nothing and so do something, or that belong
  /// to arrays. An implementation counts as the method of its interface.
  private static Map<String, Method> computing() throws IOException {
    Map<String, Method> methods = new TreeMap<>();
    for (Class<?> type : Modules.exportedClasses("vector-core", "nn", "optim")) {
      if (!type.getPackageName().startsWith("io.github.lanewise.nn.io")) { // files and data sets
        for (Method method : type.getDeclaredMethods()) {
          if (Modifier.isPublic(method.getModifiers())
              && !method.isSynthetic()
              && computes(method)
              && !implementsOurs(method)) {
            methods.put(key(method), method);
          }
        }
      }
    }
    return methods;
  }

  private static boolean computes(Method method) {
    boolean takesArrays =
        Arrays.stream(method.getParameterTypes()).anyMatch(AuditCompletenessTest::isArray);
    boolean isOfArray =
        isArray(method.getDeclaringClass()) && !Modifier.isStatic(method.getModifiers());
    return takesArrays || isOfArray || method.getReturnType() == void.class;
  }

  private static boolean isArray(Class<?> type) {
    return type == FloatArray.class || type == Batch.class || type == PackedMatrix.class;
  }

  private static boolean implementsOurs(Method method) {
    for (Class<?> declared : method.getDeclaringClass().getInterfaces()) {
      for (Method other : declared.getMethods()) {
        if (declared.getName().startsWith("io.github.lanewise.")
            && other.getName().equals(method.getName())
            && List.of(other.getParameterTypes()).equals(List.of(method.getParameterTypes()))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isCaller(ClassModel model) {
    String name = Modules.name(model);
    String simple = name.substring(name.lastIndexOf('.') + 1);
    return Modules.packageName(model).equals(AuditCompletenessTest.class.getPackageName())
        && CALLERS.contains(simple.split("\\$", -1)[0]);
  }

  private static String name(Method method) {
    return method.getDeclaringClass().getSimpleName() + "." + method.getName();
  }

  private static String key(Method method) {
    return method.getDeclaringClass().getName()
        + "."
        + method.getName()
        + MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .descriptorString();
  }

  private static String key(MemberRefEntry member) {
    return member.owner().asInternalName().replace('/', '.')
        + "."
        + member.name().stringValue()
        + member.type().stringValue();
  }
}
