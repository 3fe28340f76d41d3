package io.github.lanewise.core.update;

import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jdk.incubator.vector.FloatVector;
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
  private static final ClassDesc SPECIES = desc(VectorSpecies.class);
  private static final ClassDesc ORDER = desc(ByteOrder.class);
  private static final ClassDesc VECTOR = desc(FloatVector.class);
  private static final ClassDesc SEGMENT = desc(MemorySegment.class);
  private static final MethodTypeDesc LOADING =
      MethodTypeDesc.of(VECTOR, SPECIES, SEGMENT, CD_long, ORDER);
  private static final MethodTypeDesc STORING = MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER);

  private static final MethodCopy LOAD = MethodCopy.of(Bfloat16Kernel.class, "load");
  private static final MethodCopy STORE = MethodCopy.of(Bfloat16Kernel.class, "store");
  private static final MethodCopy CLIPPED = MethodCopy.of(PrepareKernel.class, "clipped");
  private static final MethodCopy DECAYED = MethodCopy.of(PrepareKernel.class, "decayed");

  // Variables of the loop: its arguments, by the signature of all rules.
  private static final int P = 0;
  private static final int G = 3;
  private static final int S = 6;
  private static final int SCALE = 12;
  private static final int SHRINK = 13;
  private static final int C = 14;

  private static final int NONE = -1;

  private static final String LOAD_VECTOR = "fromMemorySegment";
  private static final String STORE_VECTOR = "intoMemorySegment";
  private static final List<String> CHECKS = List.of("isNative", "requireNative");

  private final LoopForm form;

  /// The last instructions, the latest one first; at most four.
  private final Deque<Instruction> before = new ArrayDeque<>();

  /// The variables that have been stored, in their order.
  private final List<Integer> stored = new ArrayList<>();

  /// The variables in addresses of states, `o` apart.
  private final Set<Integer> inAddresses = new HashSet<>();

  /// The segment on the stack, for a call that follows.
  private int segment = NONE;

  /// The segment from which a vector was last loaded.
  private int loaded = NONE;

  /// Whether the address of a state is being computed, and how often `o` stands in it.
  private boolean isAddressing;

  private int offsets;

  // Variables that are found or made: `i`, `o`, `(long) i << 1`, the vector of the parameters, and
  // the scalars of the gradient.
  private int index = NONE;
  private int offset = NONE;
  private int halfOffset = NONE;
  private int parameters = NONE;
  private int clip = NONE;
  private int decay = NONE;

  /// Uses of the gradient and of its factor that have not been changed.
  private int unchanged;

  /// Vectors that are loaded from the parameters, or from what may be them.
  private int loadsOfParameters;

  /// Whether the parameters are loaded, stored and checked, and nothing else.
  private boolean onlyChecks = true;

  private boolean fits = true;
  private int calls;

  LoopRewriter(LoopForm form) {
    this.form = form;
  }

  /// Whether the loop has got the form.
  boolean isDone() {
    boolean isGradientDone = unchanged == 0 || !(form.isClipped() || form.isDecayed());
    boolean isPenaltyDone = !form.isDecayed() || (onlyChecks && loadsOfParameters == 1);
    return fits && isGradientDone && isPenaltyDone && inAddresses.stream().allMatch(this::isFixed);
  }

  /// Whether a variable has its value before the loop begins, in which `i` is the first to get one.
  private boolean isFixed(int variable) {
    return variable <= C || stored.lastIndexOf(variable) < stored.indexOf(index);
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
      segment = NONE;
      state(code, call);
    } else if (instruction instanceof LoadInstruction load && load.slot() == offset) {
      offsets++;
      code.lload(halfOffset);
    } else {
      if (instruction instanceof LoadInstruction load && load.typeKind() == TypeKind.LONG) {
        inAddresses.add(load.slot());
      }
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
      case FieldInstruction field -> field.name().equalsString("LITTLE_ENDIAN");
      default -> instruction.opcode() == Opcode.LADD;
    };
  }

  private void state(CodeBuilder code, InvokeInstruction call) {
    String name = call.name().stringValue();
    if (CHECKS.contains(name)) {
      code.with(call);
      return;
    }
    boolean isLoad = call.typeSymbol().equals(LOADING) && name.equals(LOAD_VECTOR);
    boolean isStore = call.typeSymbol().equals(STORING) && name.equals(STORE_VECTOR);
    fits &= (isLoad || isStore) && call.owner().asSymbol().equals(VECTOR) && offsets == 1;
    if (!fits) {
      code.with(call);
      return;
    }
    code.pop(); // the byte order
    insert(code, isLoad ? LOAD : STORE);
    if (isLoad) {
      code.swap().pop(); // the species
    }
  }

  private void pass(CodeBuilder code, Instruction instruction) {
    count(instruction);
    code.with(instruction);
    switch (instruction) {
      case LoadInstruction load -> load(load.slot());
      case StoreInstruction store -> store(code, store.slot());
      case InvokeInstruction call -> call(code, call.name().stringValue());
      default -> {}
    }
  }

  private void load(int variable) {
    if (variable == P || variable == G || variable == S) {
      segment = variable;
    }
    isAddressing = variable == S && form.isBfloat16();
    offsets = 0;
    unchanged += variable == G || variable == SCALE ? 1 : 0;
  }

  private void store(CodeBuilder code, int variable) {
    // Arguments and `o` stay what they are; parameters that change do so after the gradient.
    fits &= variable > C && variable != offset;
    parameters = variable == parameters ? NONE : parameters;
    if (form.isBfloat16() && isIndexShiftedByTwo()) {
      makeHalfOffset(code, variable);
    } else if (isCall(before.peek(), "mul") && isLoadedAndMultiplied(P, SHRINK, 1)) {
      parameters = variable;
    }
    stored.add(variable);
  }

  private void call(CodeBuilder code, String name) {
    if (name.equals("mul")) {
      if (isLoadedAndMultiplied(G, SCALE, 0)) {
        gradient(code);
      }
      return;
    }
    boolean isLoad = name.equals(LOAD_VECTOR);
    if (segment == P || (segment == NONE && isLoad)) {
      loadsOfParameters += isLoad ? 1 : 0;
      onlyChecks &= isLoad || name.equals(STORE_VECTOR) || CHECKS.contains(name);
    }
    loaded = isLoad ? segment : loaded;
    segment = NONE;
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
    index = ((LoadInstruction) before.getLast()).slot();
    code.iload(index).i2l().iconst_1().lshl().lstore(halfOffset);
  }

  /// Whether a vector has been loaded from a segment and multiplied by a variable, apart from the
  /// latest `skipped` instructions before this one.
  private boolean isLoadedAndMultiplied(int from, int by, int skipped) {
    List<Instruction> last = before.stream().skip(skipped).toList();
    return last.size() >= 2
        && last.get(0) instanceof LoadInstruction load
        && load.slot() == by
        && isCall(last.get(1), LOAD_VECTOR)
        && loaded == from;
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

  private void insert(CodeBuilder code, MethodCopy method, int... last) {
    method.insert(code, last);
    calls += method.calls();
  }

  private void count(Instruction instruction) {
    calls += MethodCopy.isVectorCall(instruction) ? 1 : 0;
  }

  private static boolean isCall(Instruction instruction, String name) {
    return instruction instanceof InvokeInstruction call && call.name().equalsString(name);
  }

  private static ClassDesc desc(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }
}
