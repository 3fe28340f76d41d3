package io.github.lanewise.core.update;

import static java.lang.reflect.AccessFlag.PRIVATE;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/// Makes the loop of a rule on states in bfloat16 out of its loop on states in float32, so that
/// each formula stands once, and every rule has both loops.
///
/// One method of the kernel's class file is changed, in three ways:
///
/// - Where it computes `long o = (long) i << 2`, it then computes `(long) i << 1` too.
/// - In the address of a state, the second value takes the place of `o`.
/// - Instead of the call that loads a vector from a state there are the instructions of
///   `Bfloat16Kernel.load`, and instead of the one that stores it those of `Bfloat16Kernel.store`.
///   The instructions are copied, because C2 inlines the methods of the Vector API always, and ours
///   only sometimes.
///
/// A loop that does anything else with the segment of its states has no such form, nor has one that
/// would come to more calls of the Vector API than C1 can hold.
public final class Bfloat16States {
  /// See "At most 80 calls of the Vector API in a method" in `core.simd.Loop`.
  private static final int MOST_CALLS = 80;

  /// The variable that holds the segment of the states, by the signature of all rules.
  private static final int STATES = 6;

  private static final ClassDesc LANES = desc(Lanes.class);
  private static final ClassDesc SPECIES = desc(VectorSpecies.class);

  private static final ClassDesc ORDER = desc(ByteOrder.class);

  private static final MethodModel LOAD = conversion("load");
  private static final MethodModel STORE = conversion("store");

  private Bfloat16States() {}

  /// Returns a class file like that of a kernel, whose loop of that name works on states in
  /// bfloat16; or nothing, if the loop has no such form.
  ///
  /// @param kernel the class file of the kernel
  /// @param name the name of the loop, which no other method has that is not private
  public static Optional<byte[]> of(byte[] kernel, String name) {
    ClassFile file = ClassFile.of();
    Rewriter rewriter = new Rewriter();
    byte[] derived =
        file.transformClass(
            file.parse(kernel),
            ClassTransform.transformingMethods(
                method -> method.methodName().equalsString(name) && !method.flags().has(PRIVATE),
                MethodTransform.transformingCode(rewriter)));
    return rewriter.fits && rewriter.calls <= MOST_CALLS ? Optional.of(derived) : Optional.empty();
  }

  private static MethodModel conversion(String name) {
    byte[] kernel = Loop.classFile(Bfloat16Kernel.class);
    return ClassFile.of().parse(kernel).methods().stream()
        .filter(method -> method.methodName().equalsString(name))
        .findAny()
        .orElseThrow();
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  /// Changes the instructions of one loop.
  private static final class Rewriter implements CodeTransform {
    private static final int NONE = -1;

    /// The last instructions, at most four.
    private final List<Instruction> before = new ArrayList<>();

    /// The variables `o` and `(long) i << 1`.
    private int offset = NONE;

    private int halfOffset = NONE;

    /// Whether the segment of the states has been loaded, for a call that follows.
    private boolean isAddressing;

    private boolean fits = true;
    private int calls;

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (element instanceof Instruction instruction) {
        if (isAddressing) {
          address(code, instruction);
        } else {
          pass(code, instruction);
        }
        before.add(instruction);
        if (before.size() > 4) {
          before.removeFirst();
        }
      } else {
        code.with(element);
      }
    }

    private void pass(CodeBuilder code, Instruction instruction) {
      count(instruction);
      code.with(instruction);
      if (instruction instanceof LoadInstruction load && load.slot() == STATES) {
        isAddressing = true;
      } else if (instruction instanceof StoreInstruction store && store.slot() == STATES) {
        fits = false;
      } else if (instruction instanceof StoreInstruction store && isIndexShiftedByTwo()) {
        fits &= offset == NONE;
        offset = store.slot();
        halfOffset = code.allocateLocal(TypeKind.LONG);
        code.iload(((LoadInstruction) before.getFirst()).slot()).i2l().iconst_1().lshl();
        code.lstore(halfOffset);
      }
    }

    /// Whether the value on the stack is `(long) i << 2`.
    private boolean isIndexShiftedByTwo() {
      return before.size() == 4
          && before.get(0) instanceof LoadInstruction index
          && index.typeKind() == TypeKind.INT
          && before.get(1).opcode() == Opcode.I2L
          && before.get(2) instanceof ConstantInstruction two
          && two.constantValue().equals(2)
          && before.get(3).opcode() == Opcode.LSHL;
    }

    /// What follows the segment of the states: an address, which is a sum of variables, and a call.
    private void address(CodeBuilder code, Instruction instruction) {
      if (instruction instanceof InvokeInstruction call) {
        isAddressing = false;
        call(code, call);
      } else if (instruction instanceof LoadInstruction load && load.slot() == offset) {
        code.lload(halfOffset);
      } else {
        fits &= isOfAddress(instruction);
        code.with(instruction);
      }
    }

    private static boolean isOfAddress(Instruction instruction) {
      return instruction.opcode() == Opcode.LADD
          || (instruction instanceof LoadInstruction load && load.typeKind() == TypeKind.LONG)
          || (instruction instanceof FieldInstruction field && field.typeSymbol().equals(ORDER));
    }

    private void call(CodeBuilder code, InvokeInstruction call) {
      switch (call.name().stringValue()) {
        case "fromMemorySegment" -> insert(code, LOAD);
        case "intoMemorySegment" -> insert(code, STORE);
        default -> {
          fits &= List.of("isNative", "requireNative").contains(call.name().stringValue());
          code.with(call);
        }
      }
    }

    /// Inserts the instructions of a method in place of a call, whose arguments lie on the stack.
    private void insert(CodeBuilder code, MethodModel method) {
      fits &= halfOffset != NONE;
      code.pop(); // the byte order
      Map<Integer, Integer> variables = new HashMap<>();
      List<ClassDesc> parameters = method.methodTypeSymbol().parameterList();
      int variable = parameters.stream().mapToInt(type -> TypeKind.from(type).slotSize()).sum();
      for (ClassDesc type : parameters.reversed()) {
        TypeKind kind = TypeKind.from(type);
        variable -= kind.slotSize();
        variables.put(variable, code.allocateLocal(kind));
        code.storeLocal(kind, variables.get(variable));
      }
      if (method == LOAD) {
        code.pop(); // the species
      }
      for (CodeElement element : method.code().orElseThrow()) {
        if (element instanceof Instruction instruction) {
          count(instruction);
          copy(code, instruction, variables);
        }
      }
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
        // Lanes itself is closed to kernels outside this module.
        boolean isInt = field.name().equalsString("I");
        ClassDesc vector = desc(isInt ? IntVector.class : ShortVector.class);
        int bits = Lanes.LENGTH * (isInt ? Integer.SIZE : Short.SIZE);
        code.getstatic(vector, "SPECIES_" + bits, SPECIES);
      } else if (!(instruction
          instanceof ReturnInstruction)) { // what is returned stays on the stack
        code.with(instruction);
      }
    }

    private void count(Instruction instruction) {
      if (instruction instanceof InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        calls += owner.startsWith("jdk/incubator/vector/") && owner.endsWith("Vector") ? 1 : 0;
      }
    }
  }
}
