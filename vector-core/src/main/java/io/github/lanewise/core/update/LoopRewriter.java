package io.github.lanewise.core.update;

import io.github.lanewise.core.simd.Lanes;
import io.github.lanewise.core.simd.Loop;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/// Changes the instructions of a loop into those of a [LoopForm].
///
/// - States in bfloat16: where the loop computes `long o = (long) i << 2`, it then computes
///   `(long) i << 1` too, which takes the place of `o` in the address of a state. Instead of the
///   call that loads a vector from a state there are the instructions of `Bfloat16Kernel.load`, and
///   instead of the one that stores it those of `Bfloat16Kernel.store`.
/// - The gradient: after the vector of the gradient is loaded and multiplied by `scale`, there are
///   the instructions of `PrepareKernel.clipped` and `PrepareKernel.decayed`. The two scalars are
///   the last ones of `c`.
///
/// Instructions are copied, not called, because C2 inlines the methods of the Vector API always,
/// and ours only sometimes.
final class LoopRewriter implements CodeTransform {
  private static final ClassDesc LANES = desc(Lanes.class);
  private static final ClassDesc SPECIES = desc(VectorSpecies.class);
  private static final ClassDesc ORDER = desc(ByteOrder.class);

  private static final MethodModel LOAD = method(Bfloat16Kernel.class, "load");
  private static final MethodModel STORE = method(Bfloat16Kernel.class, "store");
  private static final MethodModel CLIPPED = method(PrepareKernel.class, "clipped");
  private static final MethodModel DECAYED = method(PrepareKernel.class, "decayed");

  // Variables of the loop: its arguments, by the signature of all rules.
  private static final int P = 0;
  private static final int G = 3;
  private static final int S = 6;
  private static final int SCALE = 12;
  private static final int SHRINK = 13;
  private static final int C = 14;

  private static final int NONE = -1;

  private final LoopForm form;

  /// The last instructions, the latest one first; at most four.
  private final Deque<Instruction> before = new ArrayDeque<>();

  /// The segment that an address was last computed for.
  private int segment = NONE;

  /// Whether the address of a state is being computed, for a call that follows.
  private boolean isAddressing;

  // Variables that are found or made: `o`, `(long) i << 1`, the vector of the parameters, and the
  // scalars of the gradient.
  private int offset = NONE;
  private int halfOffset = NONE;
  private int parameters = NONE;
  private int clip = NONE;
  private int decay = NONE;

  /// Uses of the gradient and of its factor that have not been changed.
  private int unchanged;

  private boolean fits = true;
  private int calls;

  LoopRewriter(LoopForm form) {
    this.form = form;
  }

  /// Whether the loop has got the form.
  boolean isDone() {
    return fits && (unchanged == 0 || !(form.isClipped() || form.isDecayed()));
  }

  /// How often the loop calls methods of vectors.
  int calls() {
    return calls;
  }

  @Override
  public void atStart(CodeBuilder code) {
    clip = form.isClipped() ? scalar(code, 2) : NONE;
    decay = form.isDecayed() ? scalar(code, 1) : NONE;
  }

  /// Makes a variable of a scalar near the end of `c`.
  private static int scalar(CodeBuilder code, int fromEnd) {
    int variable = code.allocateLocal(TypeKind.FLOAT);
    code.aload(C).dup().arraylength().loadConstant(fromEnd).isub().faload().fstore(variable);
    return variable;
  }

  @Override
  public void accept(CodeBuilder code, CodeElement element) {
    if (!(element instanceof Instruction instruction)) {
      code.with(element);
      return;
    }
    if (isAddressing) {
      address(code, instruction);
    } else {
      pass(code, instruction);
    }
    before.addFirst(instruction);
    if (before.size() > 4) {
      before.removeLast();
    }
  }

  /// What follows the segment of the states: an address, which is a sum of variables, and a call.
  private void address(CodeBuilder code, Instruction instruction) {
    if (instruction instanceof InvokeInstruction call) {
      isAddressing = false;
      state(code, call);
    } else if (instruction instanceof LoadInstruction load && load.slot() == offset) {
      code.lload(halfOffset);
    } else {
      fits &= isOfAddress(instruction);
      code.with(instruction);
    }
  }

  /// Whether an instruction adds variables, or loads the byte order.
  private static boolean isOfAddress(Instruction instruction) {
    return switch (instruction) {
      case LoadInstruction load ->
          load.typeKind() == TypeKind.LONG
              || (load.typeKind() == TypeKind.REFERENCE && load.slot() > C);
      case FieldInstruction field -> field.typeSymbol().equals(ORDER);
      default -> instruction.opcode() == Opcode.LADD;
    };
  }

  private void state(CodeBuilder code, InvokeInstruction call) {
    switch (call.name().stringValue()) {
      case "fromMemorySegment" -> {
        fits &= halfOffset != NONE;
        code.pop(); // the byte order
        insert(code, LOAD);
        code.swap().pop(); // the species
      }
      case "intoMemorySegment" -> {
        fits &= halfOffset != NONE;
        code.pop(); // the byte order
        insert(code, STORE);
      }
      default -> {
        fits &= List.of("isNative", "requireNative").contains(call.name().stringValue());
        code.with(call);
      }
    }
  }

  private void pass(CodeBuilder code, Instruction instruction) {
    count(instruction);
    code.with(instruction);
    if (instruction instanceof LoadInstruction load) {
      segment = List.of(P, G, S).contains(load.slot()) ? load.slot() : segment;
      isAddressing = load.slot() == S && form.isBfloat16();
      unchanged += load.slot() == G || load.slot() == SCALE ? 1 : 0;
    } else if (instruction instanceof StoreInstruction store) {
      // Arguments and `o` stay what they are; parameters that change do so after the gradient.
      fits &= store.slot() > C && store.slot() != offset;
      parameters = store.slot() == parameters ? NONE : parameters;
      if (form.isBfloat16() && isIndexShiftedByTwo()) {
        makeHalfOffset(code, store.slot());
      } else if (isCall(before.peek(), "mul") && isLoadedAndMultiplied(P, SHRINK, 1)) {
        parameters = store.slot();
      }
    } else if (isCall(instruction, "mul") && isLoadedAndMultiplied(G, SCALE, 0)) {
      gradient(code);
    }
  }

  /// Whether the value on the stack is `(long) i << 2`.
  private boolean isIndexShiftedByTwo() {
    List<Instruction> last = List.copyOf(before);
    return last.size() == 4
        && last.get(0).opcode() == Opcode.LSHL
        && last.get(1) instanceof ConstantInstruction two
        && two.constantValue().equals(2)
        && last.get(2).opcode() == Opcode.I2L
        && last.get(3) instanceof LoadInstruction;
  }

  private void makeHalfOffset(CodeBuilder code, int variable) {
    fits &= offset == NONE;
    offset = variable;
    halfOffset = code.allocateLocal(TypeKind.LONG);
    int index = ((LoadInstruction) before.getLast()).slot();
    code.iload(index).i2l().iconst_1().lshl().lstore(halfOffset);
  }

  /// Whether a vector has been loaded from a segment and multiplied by a variable, apart from the
  /// latest `skipped` instructions before this one.
  private boolean isLoadedAndMultiplied(int from, int by, int skipped) {
    List<Instruction> last = before.stream().skip(skipped).toList();
    return last.size() >= 2
        && last.get(0) instanceof LoadInstruction load
        && load.slot() == by
        && isCall(last.get(1), "fromMemorySegment")
        && segment == from;
  }

  /// Changes the scaled gradient on the stack.
  private void gradient(CodeBuilder code) {
    unchanged -= 2;
    if (form.isClipped()) {
      insert(code, CLIPPED, clip);
    }
    if (form.isDecayed() && parameters == NONE) {
      fits = false;
    } else if (form.isDecayed()) {
      insert(code, DECAYED, parameters, decay);
    }
  }

  /// Inserts the instructions of a method. Its last parameters are variables, and the others lie on
  /// the stack.
  private void insert(CodeBuilder code, MethodModel method, int... last) {
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

  private void count(Instruction instruction) {
    if (instruction instanceof InvokeInstruction call) {
      String owner = call.owner().asInternalName();
      calls += owner.startsWith("jdk/incubator/vector/") && owner.endsWith("Vector") ? 1 : 0;
    }
  }

  private static boolean isCall(Instruction instruction, String name) {
    return instruction instanceof InvokeInstruction call && call.name().equalsString(name);
  }

  private static MethodModel method(Class<?> kernel, String name) {
    return ClassFile.of().parse(Loop.classFile(kernel)).methods().stream()
        .filter(method -> method.methodName().equalsString(name))
        .findAny()
        .orElseThrow();
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }
}
