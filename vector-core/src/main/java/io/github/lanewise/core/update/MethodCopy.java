package io.github.lanewise.core.update;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/// The instructions of a static method without branches, to be copied into a loop.
record MethodCopy(MethodModel method) {
  private static final ClassDesc LANES = desc(Lanes.class);
  private static final ClassDesc SPECIES = desc(VectorSpecies.class);

  static MethodCopy of(Class<?> kernel, String name) {
    return new MethodCopy(
        ClassFile.of().parse(Loop.classFile(kernel)).methods().stream()
            .filter(method -> method.methodName().equalsString(name))
            .findAny()
            .orElseThrow());
  }

  /// How often the method calls methods of vectors.
  int calls() {
    return (int) instructions().stream().filter(MethodCopy::isVectorCall).count();
  }

  static boolean isVectorCall(Instruction instruction) {
    if (instruction instanceof InvokeInstruction call) {
      String owner = call.owner().asInternalName();
      return owner.startsWith("jdk/incubator/vector/") && owner.endsWith("Vector");
    }
    return false;
  }

  private List<Instruction> instructions() {
    return method
        .code()
        .orElseThrow()
        .elementStream()
        .filter(Instruction.class::isInstance)
        .map(Instruction.class::cast)
        .toList();
  }

  /// Inserts the instructions. The last parameters are variables, and the others lie on the stack.
  void insert(CodeBuilder code, int... last) {
    List<TypeKind> kinds =
        method.methodTypeSymbol().parameterList().stream().map(TypeKind::from).toList();
    Map<Integer, Integer> variables = new HashMap<>();
    int own = kinds.stream().mapToInt(TypeKind::slotSize).sum();
    int onStack = kinds.size() - last.length;
    for (int i = kinds.size() - 1; i >= 0; i--) {
      own -= kinds.get(i).slotSize();
      if (i < onStack) {
        variables.put(own, code.allocateLocal(kinds.get(i)));
        code.storeLocal(kinds.get(i), variables.get(own));
      } else {
        variables.put(own, last[i - onStack]);
      }
    }
    instructions().forEach(instruction -> copy(code, instruction, variables));
  }

  private static void copy(
      CodeBuilder code, Instruction instruction, Map<Integer, Integer> variables) {
    if (instruction instanceof LoadInstruction load) {
      code.loadLocal(load.typeKind(), variables.get(load.slot()));
    } else if (instruction instanceof StoreInstruction store) {
      int variable = code.allocateLocal(store.typeKind());
      variables.put(store.slot(), variable);
      code.storeLocal(store.typeKind(), variable);
    } else if (instruction instanceof FieldInstruction field
        && field.owner().asSymbol().equals(LANES)) {
      constant(code, field.name().stringValue());
    } else if (!(instruction instanceof ReturnInstruction)) {
      code.with(instruction); // what a method returns stays on the stack
    }
  }

  /// Loads one of the species of `Lanes`, a class that is closed to kernels outside this module.
  private static void constant(CodeBuilder code, String name) {
    switch (name) {
      case "F" -> code.getstatic(desc(FloatVector.class), "SPECIES_" + bits(Float.SIZE), SPECIES);
      case "I" -> code.getstatic(desc(IntVector.class), "SPECIES_" + bits(Integer.SIZE), SPECIES);
      case "S" -> code.getstatic(desc(ShortVector.class), "SPECIES_" + bits(Short.SIZE), SPECIES);
      default -> throw new AssertionError(name);
    }
  }

  private static int bits(int ofLane) {
    return Lanes.LENGTH * ofLane;
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }
}
