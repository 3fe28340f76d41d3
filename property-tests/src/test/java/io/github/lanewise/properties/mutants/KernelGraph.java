package io.github.lanewise.properties.mutants;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Which activations run which code of `core.math`, read from the calls in the compiled kernels.
final class KernelGraph {
  private static final String KERNELS = "io.github.lanewise.core.activation.";

  private KernelGraph() {}

  /// The activations whose results a coefficient may change: those whose kernels call a method that
  /// it stands in. The one that has the name of the coefficient's class comes first.
  static List<String> ops(Mutant.Coefficient coefficient) throws IOException {
    Map<String, MethodModel> methods = new HashMap<>();
    Set<String> using = new HashSet<>();
    for (ClassModel model : Modules.kernelClasses()) {
      for (MethodModel method : model.methods()) {
        methods.put(key(model, method), method);
        if (Modules.name(model).equals(coefficient.className()) && uses(method, coefficient)) {
          using.add(key(model, method));
        }
      }
    }
    List<String> ops = new ArrayList<>();
    for (Op op : Ops.defaults()) {
      if (reached(kernel(op), methods).stream().anyMatch(using::contains)) {
        ops.add(op.name());
      }
    }
    ops.sort(Comparator.comparing(op -> !plain(op).equals(plain(coefficient.shortName()))));
    return ops;
  }

  /// The kernel that has the activation's name. That of `celu` is ELU's, which has its own.
  private static String kernel(Op op) {
    return plain(op.name()) + "kernel";
  }

  private static String plain(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }

  private static Set<String> reached(String kernel, Map<String, MethodModel> methods) {
    Set<String> reached = new HashSet<>();
    for (String method : methods.keySet()) {
      if (method.toLowerCase(Locale.ROOT).startsWith(KERNELS + kernel + ".")) {
        reached.add(method);
      }
    }
    Deque<String> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      for (CodeElement element : Modules.code(methods.get(open.pop()))) {
        if (element instanceof InvokeInstruction call
            && methods.containsKey(key(call))
            && reached.add(key(call))) {
          open.push(key(call));
        }
      }
    }
    return reached;
  }

  private static boolean uses(MethodModel method, Mutant.Coefficient coefficient) {
    return Modules.code(method).stream()
        .anyMatch(
            element ->
                element instanceof ConstantInstruction constant
                    && constant.constantValue() instanceof Float value
                    && value == coefficient.value());
  }

  private static String key(ClassModel model, MethodModel method) {
    return Modules.where(model, method) + method.methodType().stringValue();
  }

  private static String key(InvokeInstruction call) {
    return call.owner().asInternalName().replace('/', '.')
        + "."
        + call.name().stringValue()
        + call.type().stringValue();
  }
}
