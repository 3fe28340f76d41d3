package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A test that does not run says why, and one that runs reaches its end: in all modules, read from
/// the compiled tests.
class SkippedTestsTest {
  private static final Set<String> TESTS =
      Set.of("Test", "ParameterizedTest", "RepeatedTest", "Property", "Example");

  @Test
  void everyDisabledTestHasAReason() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : Modules.NAMES) {
      for (ClassModel model : Modules.testClasses(module)) {
        model
            .findAttribute(Attributes.runtimeVisibleAnnotations())
            .ifPresent(all -> collect(all.annotations(), Modules.name(model), found));
        for (MethodModel method : model.methods()) {
          method
              .findAttribute(Attributes.runtimeVisibleAnnotations())
              .ifPresent(all -> collect(all.annotations(), Modules.where(model, method), found));
        }
      }
    }
    assertEquals(List.of(), found, "disabled without a reason");
  }

  @Test
  void everyAssumptionHasAMessage() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : Modules.NAMES) {
      for (ClassModel model : Modules.testClasses(module)) {
        for (MethodModel method : model.methods()) {
          for (CodeElement element : Modules.code(method)) {
            if (element instanceof InvokeInstruction call && isSilent(call)) {
              found.add(Modules.where(model, method));
            }
          }
        }
      }
    }
    assertEquals(List.of(), found, "assumptions without a message");
  }

  /// A test that returns before its end would count as passed without having looked.
  @Test
  void noTestReturnsBeforeItsEnd() throws IOException {
    List<String> found = new ArrayList<>();
    int tests = 0;
    for (String module : Modules.NAMES) {
      for (ClassModel model : Modules.testClasses(module)) {
        for (MethodModel method : model.methods()) {
          if (isTest(method)) {
            tests++;
            long returns =
                Modules.code(method).stream().filter(ReturnInstruction.class::isInstance).count();
            if (returns > 1) {
              found.add(Modules.where(model, method));
            }
          }
        }
      }
    }
    assertEquals(List.of(), found, "tests with a return before their end");
    assertTrue(tests > 300, "only " + tests + " tests were read");
  }

  private static boolean isTest(MethodModel method) {
    return method
        .findAttribute(Attributes.runtimeVisibleAnnotations())
        .map(
            all ->
                all.annotations().stream()
                    .anyMatch(annotation -> TESTS.contains(annotation.classSymbol().displayName())))
        .orElse(false);
  }

  private static boolean isSilent(InvokeInstruction call) {
    String type = call.type().stringValue();
    return call.owner().asInternalName().endsWith("/Assumptions")
        && !type.contains("Ljava/lang/String;")
        && !type.contains("Ljava/util/function/Supplier;");
  }

  private static void collect(List<Annotation> annotations, String where, List<String> found) {
    for (Annotation annotation : annotations) {
      String type = annotation.classSymbol().displayName();
      boolean conditional =
          annotation.className().stringValue().contains("org/junit/jupiter/api/condition/");
      if (type.equals("Disabled") && !hasText(annotation, "value")) {
        found.add(where);
      }
      if (conditional && !hasText(annotation, "disabledReason")) {
        found.add(where);
      }
    }
  }

  private static boolean hasText(Annotation annotation, String name) {
    for (AnnotationElement element : annotation.elements()) {
      if (element.name().stringValue().equals(name)
          && element.value() instanceof AnnotationValue.OfString text) {
        return !text.stringValue().isBlank();
      }
    }
    return false;
  }
}
