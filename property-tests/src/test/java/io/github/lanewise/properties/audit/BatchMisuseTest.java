package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Affine;
import io.github.lanewise.core.Batch;
import io.github.lanewise.core.DropoutMask;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.LayerNormalization;
import io.github.lanewise.core.ParametricRelu;
import io.github.lanewise.properties.audit.BatchFacades.Facade;
import io.github.lanewise.properties.audit.BatchFacades.Operands;
import io.github.lanewise.properties.support.Samples;
import io.github.lanewise.properties.support.Verdict;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Misuse of every public facade on batches ends in a typed exception that names the argument, and
/// in nothing else: no batch and no array has changed.
class BatchMisuseTest {
  private static final int N = 11;
  private static final int ROWS = 37;

  private final Arena arena = Arena.ofConfined();

  static List<Facade> facades() {
    return BatchFacades.all();
  }

  @AfterEach
  void close() {
    arena.close();
  }

  @ParameterizedTest
  @MethodSource("facades")
  void aNullIsNamed(Facade facade) {
    for (int i = 0; i < facade.operands().size(); i++) {
      // Layers compute the gradient of their input only where it is asked for.
      boolean mayBeNull = facade.name().endsWith("layer backward") && i == 2;
      if (!mayBeNull) {
        Operands operands = facade.allocate(arena, ROWS, N);
        operands.set(i, null, null);
        NullPointerException refusal =
            assertThrows(NullPointerException.class, () -> facade.call().run(operands));
        assertEquals(facade.operands().get(i).name() + " is null", refusal.getMessage());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void aClosedOperandIsNamedAndNothingIsWritten(Facade facade) {
    for (int i = 0; i < facade.operands().size(); i++) {
      Operands operands = facade.allocate(arena, ROWS, N);
      try (Arena closing = Arena.ofConfined()) {
        facade.fill(operands, i, closing, ROWS, facade.operands().get(i).elements(N));
      }
      refusedAndUnchanged(
          IllegalStateException.class,
          facade,
          operands,
          i,
          facade.operands().get(i).name() + " is closed");
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void anotherSizeIsRefusedAndNothingIsWritten(Facade facade) {
    for (int i = 0; i < facade.operands().size(); i++) {
      int right = facade.operands().get(i).elements(N);
      // A packed weight is padded to whole panels.
      boolean isPadded = facade.name().equals("affine forward packed") && i == 2;
      int step = isPadded ? Batch.LANES : 1;
      for (int wrong : new int[] {right - step, right + step}) {
        if (wrong > 0) {
          Operands operands = facade.allocate(arena, ROWS, N);
          facade.fill(operands, i, arena, ROWS, wrong);
          refusedAndUnchanged(IllegalArgumentException.class, facade, operands, i, " has ");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void anotherNumberOfRowsIsRefusedAndNothingIsWritten(Facade facade) {
    for (int i = 0; i < facade.operands().size(); i++) {
      for (int wrong : new int[] {ROWS - 1, ROWS + 1}) {
        if (facade.operands().get(i).isBatch()) {
          Operands operands = facade.allocate(arena, ROWS, N);
          facade.fill(operands, i, arena, wrong, facade.operands().get(i).elements(N));
          refusedAndUnchanged(IllegalArgumentException.class, facade, operands, i, " rows");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void overlapWithAnOperandThatIsWrittenIsNamedAndNothingIsWritten(Facade facade) {
    boolean[] written = written(facade);
    for (int i = 0; i < written.length; i++) {
      for (int j = 0; j < written.length; j++) {
        if (i != j && (written[i] || written[j])) {
          Operands operands = facade.allocate(arena, ROWS, N);
          FloatArray memory = FloatArray.of(arena, Samples.normal(9, 5000, 1));
          place(facade, operands, i, memory);
          place(facade, operands, j, memory.slice(1, memory.length() - 1));
          float[] before = memory.toArray();
          IllegalArgumentException refusal =
              assertThrows(
                  IllegalArgumentException.class,
                  () -> facade.call().run(operands),
                  () -> facade + " with overlap");
          assertMessage(refusal, " overlaps ");
          assertMessage(refusal, facade.operands().get(i).name());
          assertMessage(refusal, facade.operands().get(j).name());
          Verdict.sameBits("refused", before, memory.toArray());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("facades")
  void anotherThreadIsRefusedByAConfinedArena(Facade facade) throws InterruptedException {
    Operands operands = facade.allocate(arena, ROWS, N);
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              try {
                facade.call().run(operands);
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    thread.start();
    thread.join();
    assertInstanceOf(WrongThreadException.class, thrown[0], facade.toString());
  }

  @Test
  void batchesRefuseWhatDoesNotFit() {
    refusedAsNull("arena is null", () -> Batch.allocate(null, 3, 2));
    refused("a batch of 0 rows of 2 features", () -> Batch.allocate(arena, 0, 2));
    refused("a batch of 2 rows of -1 features", () -> Batch.allocate(arena, 2, -1));
    FloatArray room = FloatArray.allocate(arena, 64);
    assertEquals(64, Batch.elements(32, 2));
    assertEquals(128, Batch.elements(33, 2));
    refusedAsNull("array is null", () -> Batch.in(null, null, 3, 2));
    refused("array has 64 elements, the batch takes 128", () -> Batch.in(room, null, 33, 2));
    FloatArray small = room.slice(0, 63);
    FloatArray other = FloatArray.allocate(arena, 64);
    refused("scratch has 63 elements", () -> Batch.in(other, small, 32, 2));
    refused("scratch overlaps array", () -> Batch.in(room, room, 32, 2));
    Batch batch = Batch.in(room, null, 20, 2);
    for (int wrong : new int[] {0, 21, -1, Integer.MIN_VALUE}) {
      refused("rows is " + wrong + ", must be from 1 to 20", () -> batch.resize(wrong, 0));
    }
    assertEquals(20, batch.rows());
    float[] before = room.toArray();
    FloatArray rows = FloatArray.of(arena, Samples.normal(1, 42, 1));
    refusedAsNull("x is null", () -> batch.load(null, 0));
    refusedAsNull("y is null", () -> batch.store(null, 0));
    refused("x has 42 elements, rows 2 to 21 of 2 features", () -> batch.load(rows, 2));
    refused("x has 42 elements, rows -1 to 18", () -> batch.load(rows, -1));
    refused("y has 42 elements, rows 2147483647 to", () -> batch.store(rows, Integer.MAX_VALUE));
    Verdict.sameBits("refused", before, room.toArray());
  }

  @Test
  void aRowRefusesWhatDoesNotFit() {
    int packedElements = Math.toIntExact(Affine.packedElements(5, 7));
    FloatArray packed = FloatArray.of(arena, Samples.normal(1, packedElements, 1));
    FloatArray x = FloatArray.allocate(arena, 5);
    FloatArray y = FloatArray.allocate(arena, 32);
    refusedAsNull("x is null", () -> Affine.forwardPacked(null, packed, y, 5, 7));
    refusedAsNull("packed is null", () -> Affine.forwardPacked(x, null, y, 5, 7));
    refusedAsNull("y is null", () -> Affine.forwardPacked(x, packed, null, 5, 7));
    refused(
        "x has 4 elements and y 32", () -> Affine.forwardPacked(x.slice(0, 4), packed, y, 5, 7));
    refused(
        "x has 5 elements and y 31", () -> Affine.forwardPacked(x, packed, y.slice(0, 31), 5, 7));
    refused("packed has", () -> Affine.forwardPacked(x, packed, y, 4, 7));
    refused("y overlaps x", () -> Affine.forwardPacked(y.slice(27, 5), packed, y, 5, 7));
    refused("y overlaps packed", () -> Affine.forwardPacked(x, packed, packed.slice(0, 32), 5, 7));
    FloatArray weight = FloatArray.allocate(arena, 35);
    FloatArray bias = FloatArray.allocate(arena, 7);
    float[] before = packed.toArray();
    refusedAsNull("weight is null", () -> Affine.pack(null, bias, packed, 5, 7));
    refusedAsNull("bias is null", () -> Affine.pack(weight, null, packed, 5, 7));
    refusedAsNull("packed is null", () -> Affine.pack(weight, bias, null, 5, 7));
    refused("weight has 35 elements", () -> Affine.pack(weight, bias, packed, 6, 7));
    refused("bias has 7 elements", () -> Affine.pack(weight, bias, packed, 7, 5));
    refused("packed has", () -> Affine.pack(weight, bias, packed.slice(1, 100), 5, 7));
    refused("overlaps", () -> Affine.pack(packed.slice(3, 35), bias, packed, 5, 7));
    refused("overlaps", () -> Affine.pack(weight, packed.slice(3, 7), packed, 5, 7));
    Verdict.sameBits("refused", before, packed.toArray());
    for (double wrong : new double[] {-0.1, 1, Double.NaN}) {
      Batch batch = Batch.allocate(arena, 2, 2);
      refused("p is " + wrong, () -> DropoutMask.apply(batch, batch, wrong, 1));
    }
  }

  @Test
  void backwardOfABatchWithoutScratchIsRefused() {
    FloatArray room = FloatArray.allocate(arena, 64);
    Batch x = Batch.in(room, null, 32, 2);
    Batch gy = Batch.allocate(arena, 32, 2);
    FloatArray two = FloatArray.allocate(arena, 2);
    FloatArray four = FloatArray.allocate(arena, 4);
    FloatArray other = FloatArray.allocate(arena, 2);
    for (Executable call :
        List.<Executable>of(
            () -> Affine.addGradients(x, gy, four, two),
            () -> LayerNormalization.addGradients(x, gy, 1e-5f, two, other),
            () -> ParametricRelu.addSlopeGradient(x, gy, two))) {
      IllegalStateException refusal = assertThrows(IllegalStateException.class, call);
      assertMessage(refusal, "this batch has no scratch, which backward needs");
      assertEquals("[0.0, 0.0]", Arrays.toString(two.toArray()));
    }
  }

  /// Puts an operand at the beginning of `memory`, or a single element where others reach.
  private void place(Facade facade, Operands operands, int i, FloatArray memory) {
    int elements = facade.operands().get(i).elements(N);
    if (facade.operands().get(i).isBatch()) {
      FloatArray scratch = FloatArray.allocate(arena, Batch.elements(ROWS, elements));
      operands.set(i, Batch.in(memory, scratch, ROWS, elements), null);
    } else {
      operands.set(i, null, memory.slice(elements == 1 ? 20 : 0, elements));
    }
  }

  /// Which operands a call writes. Those that it only reads may overlap as they like.
  private boolean[] written(Facade facade) {
    Operands operands = facade.allocate(arena, ROWS, N);
    float[][] before = contents(facade, operands);
    facade.call().run(operands);
    float[][] after = contents(facade, operands);
    boolean[] written = new boolean[before.length];
    boolean any = false;
    for (int i = 0; i < before.length; i++) {
      written[i] = !Arrays.equals(before[i], after[i]);
      any |= written[i];
    }
    assertTrue(any, () -> facade + " writes nothing");
    return written;
  }

  private static float[][] contents(Facade facade, Operands operands) {
    float[][] contents = new float[facade.operands().size()][];
    for (int i = 0; i < contents.length; i++) {
      contents[i] = operands.values(i);
    }
    return contents;
  }

  private static void refusedAndUnchanged(
      Class<? extends Exception> type, Facade facade, Operands operands, int except, String part) {
    Operands others = operands.copy();
    float[][] before = new float[facade.operands().size()][];
    for (int i = 0; i < before.length; i++) {
      before[i] = i == except ? new float[0] : others.values(i);
    }
    Exception refusal =
        assertThrows(type, () -> facade.call().run(operands), () -> facade + ", " + except);
    assertMessage(refusal, part);
    for (int i = 0; i < before.length; i++) {
      if (i != except) {
        Verdict.sameBits(facade + ", " + i, before[i], others.values(i));
      }
    }
  }

  private static void refused(String part, Executable call) {
    assertMessage(assertThrows(IllegalArgumentException.class, call, part), part);
  }

  private static void refusedAsNull(String message, Executable call) {
    assertMessage(assertThrows(NullPointerException.class, call, message), message);
  }

  private static void assertMessage(Throwable refusal, String part) {
    assertTrue(
        String.valueOf(refusal.getMessage()).contains(part),
        () -> "'" + refusal.getMessage() + "' does not say '" + part + "'");
  }
}
