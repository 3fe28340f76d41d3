package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.reflect.AccessFlag;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every kernel is tested: a public class that computes on arrays reaches it, and the suite of a
/// subject uses that public class.
///
/// Both are read from the compiled classes, so that a new kernel needs no entry here.
class KernelCoverageTest {
  /// Packages of tests about all kernels at once, which compare none of them with an oracle.
  private static final Set<String> ABOUT_ALL = Set.of("audit", "bits", "mutants", "support");

  private static final Map<String, ClassModel> CORE = new HashMap<>();

  @BeforeAll
  static void read() throws IOException {
    for (ClassModel model : Modules.classes("vector-core")) {
      CORE.put(Modules.name(model), model);
    }
  }

  @Test
  void aPublicClassReachesEveryKernel() {
    Set<String> unreached = new TreeSet<>();
    CORE.forEach(
        (name, model) -> {
          if (Modules.isKernel(model)) {
            unreached.add(name);
          }
        });
    for (String facade : facades()) {
      unreached.removeAll(reachedFrom(facade));
    }
    assertEquals(Set.of(), unreached, "kernels that no public class reaches");
  }

  @Test
  void aSuiteUsesEveryPublicClassThatReachesAKernel() throws IOException {
    Set<String> untested = facades();
    assertTrue(untested.size() > 5, () -> "only " + untested + " reach kernels");
    for (String module : Modules.NAMES) {
      for (ClassModel model : Modules.testClasses(module)) {
        String inPackage = Modules.packageName(model);
        if (!ABOUT_ALL.contains(inPackage.substring(inPackage.lastIndexOf('.') + 1))) {
          untested.removeAll(mentioned(model));
        }
      }
    }
    assertEquals(Set.of(), untested, "public classes that no suite uses");
  }

  /// The public classes that have a public method over arrays, or a loop over them, and reach a
  /// kernel.
  private static Set<String> facades() {
    Set<String> facades = new TreeSet<>();
    CORE.forEach(
        (name, model) -> {
          if (!Modules.isKernel(model)
              && model.flags().has(AccessFlag.PUBLIC)
              && (model.methods().stream().anyMatch(KernelCoverageTest::computesOnArrays)
                  || model.fields().stream().anyMatch(KernelCoverageTest::isLoop))
              && reachedFrom(name).stream().anyMatch(to -> Modules.isKernel(CORE.get(to)))) {
            facades.add(name);
          }
        });
    return facades;
  }

  /// A constant of the table of update rules, which stands for a call on arrays.
  private static boolean isLoop(FieldModel field) {
    return field.fieldType().stringValue().equals("Lio/github/lanewise/core/UpdateLoop;");
  }

  private static boolean computesOnArrays(MethodModel method) {
    String types = method.methodType().stringValue();
    return method.flags().has(AccessFlag.PUBLIC)
        && (types.contains("Lio/github/lanewise/core/FloatArray;")
            || types.contains("Lio/github/lanewise/core/Batch;"));
  }

  /// The classes of vector-core that a class mentions, those that they mention, and so on.
  private static Set<String> reachedFrom(String start) {
    Set<String> reached = new TreeSet<>(List.of(start));
    Deque<String> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      for (String next : mentioned(CORE.get(open.pop()))) {
        if (CORE.containsKey(next) && reached.add(next)) {
          open.push(next);
        }
      }
    }
    return reached;
  }

  private static Set<String> mentioned(ClassModel model) {
    Set<String> mentioned = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry type) {
        mentioned.add(type.asInternalName().replace('/', '.'));
      }
    }
    return mentioned;
  }
}
