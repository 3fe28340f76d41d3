package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.ForkedJvm;
import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Kernels stay inside the limits of HotSpot's compilers.
///
/// The first compiler runs out of registers somewhere above 93 calls of the Vector API in a method,
/// counting those of the small methods that it inlines; such a method can then stay boxed for ever.
/// The second compiler inlines no method above 325 bytecodes, and a vector that crosses a call is
/// boxed.
class KernelBudgetTest {
  private static final int MOST_CALLS = 80;
  private static final int MOST_SEGMENTS = 3;
  private static final int INLINED_BY_C1 = 35;
  private static final int INLINED_BY_C2 = 325;

  private static final Map<String, MethodModel> METHODS = new HashMap<>();

  @BeforeAll
  static void read() throws IOException {
    for (ClassModel model : Modules.kernelClasses()) {
      for (MethodModel method : model.methods()) {
        METHODS.put(key(model, method), method);
      }
    }
  }

  @Test
  void noMethodHasMoreVectorCallsThanTheFirstCompilerHolds() {
    List<String> found = new ArrayList<>();
    METHODS.forEach(
        (name, method) -> {
          int calls = vectorCalls(method, 0);
          if (calls > MOST_CALLS) {
            found.add(name + ": " + calls);
          }
        });
    assertEquals(List.of(), found.stream().sorted().toList(), "vector calls");
  }

  @Test
  void everyBodyThatHandsVectorsOnIsInlined() {
    List<String> found = new ArrayList<>();
    METHODS.forEach(
        (name, method) -> {
          if (handsVectorsOn(name) && bytecodes(method) > INLINED_BY_C2) {
            found.add(name + ": " + bytecodes(method));
          }
        });
    assertEquals(List.of(), found.stream().sorted().toList(), "bytecodes");
  }

  /// C1 inlines a small method in code without a profile too, and counts its calls there; C2 then
  /// takes what the small method calls for rare, leaves it a call, and boxes every vector.
  @Test
  void noSmallMethodCallsABody() {
    List<String> found = new ArrayList<>();
    METHODS.forEach(
        (name, method) -> {
          if (handsVectorsOn(name) && bytecodes(method) <= INLINED_BY_C1) {
            for (CodeElement element : Modules.code(method)) {
              if (element instanceof InvokeInstruction call
                  && handsVectorsOn(key(call))
                  && METHODS.containsKey(key(call))) {
                found.add(name + " calls " + key(call));
              }
            }
          }
        });
    assertEquals(List.of(), found.stream().sorted().toList(), "small methods that call a body");
  }

  /// With a fourth segment, C2 may discard its code a hundred times: see the rules in `Loop`.
  @Test
  void noVectorLoopHasMoreThanThreeSegments() {
    List<String> found = new ArrayList<>();
    METHODS.forEach(
        (name, method) -> {
          int segments = name.split("Ljava/lang/foreign/MemorySegment;", -1).length - 1;
          if (segments > MOST_SEGMENTS && directCalls(method) > 0) {
            found.add(name + ": " + segments);
          }
        });
    assertEquals(List.of(), found.stream().sorted().toList(), "segments");
  }

  /// C2 may copy the loop into the code of its handle before the loop has a profile.
  @Test
  void theLoopOfManyElementsIsCompiledByItself() throws Exception {
    ForkedJvm.Outcome outcome =
        ForkedJvm.run(
            List.of(ForkedJvm.VECTOR_MODULE, "-Xlog:jit+inlining=debug"),
            AllocationAuditTest.Alone.class,
            "sigmoid forward");
    assertTrue(
        outcome.lines().stream()
            .filter(line -> line.contains("SigmoidKernel/") && line.contains("::forward ("))
            .anyMatch(line -> line.contains("hot method too big")),
        "no call of the loop of sigmoid");
  }

  @Test
  void theCountSeesTheCallsOfSmallMethods() {
    // high has 2 and power 3; reduced is too long to be inlined by C1.
    assertEquals(List.of(7, 12), calls("Exp.expNonPositive("));
    // 12 loads and 12 stores of C, 3 loads of B, 4 broadcasts of A, 12 fma.
    assertEquals(List.of(43, 43), calls("gemm.TileKernel.tile4x3("));
  }

  /// The calls in the one method of that name, without and with those of small methods.
  private static List<Integer> calls(String name) {
    List<Integer> calls = new ArrayList<>();
    METHODS.forEach(
        (key, method) -> {
          if (key.contains(name)) {
            calls.add(directCalls(method));
            calls.add(vectorCalls(method, 0));
          }
        });
    return calls;
  }

  private static boolean handsVectorsOn(String key) {
    return key.substring(key.indexOf('(')).contains("jdk/incubator/vector/");
  }

  private static int vectorCalls(MethodModel method, int depth) {
    int calls = directCalls(method);
    for (CodeElement element : Modules.code(method)) {
      if (element instanceof InvokeInstruction call) {
        MethodModel callee = METHODS.get(key(call));
        if (callee != null && bytecodes(callee) <= INLINED_BY_C1 && depth < 9) {
          calls += vectorCalls(callee, depth + 1);
        }
      }
    }
    return calls;
  }

  private static int directCalls(MethodModel method) {
    int calls = 0;
    for (CodeElement element : Modules.code(method)) {
      if (element instanceof InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        if (owner.startsWith("jdk/incubator/vector/") && owner.endsWith("Vector")) {
          calls++;
        }
      }
    }
    return calls;
  }

  private static int bytecodes(MethodModel method) {
    return method.code().map(code -> ((CodeAttribute) code).codeLength()).orElse(0);
  }

  private static String key(ClassModel model, MethodModel method) {
    return Modules.name(model)
        + "."
        + method.methodName().stringValue()
        + method.methodType().stringValue();
  }

  private static String key(InvokeInstruction call) {
    return call.owner().asInternalName().replace('/', '.')
        + "."
        + call.name().stringValue()
        + call.type().stringValue();
  }
}
