package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FloatArrayTest {
  private static String elsewhere(Supplier<String> text) {
    return CompletableFuture.supplyAsync(text).join();
  }

  @Test
  void theTextShowsTheFirstElementsAndTheLength() {
    try (Arena arena = Arena.ofConfined()) {
      assertEquals("[]", FloatArray.of(arena).toString());
      assertEquals("[1.0, -0.5]", FloatArray.of(arena, 1f, -0.5f).toString());
      assertEquals(
          "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, ...] (9 floats)",
          FloatArray.allocate(arena, 9).toString());
    }
  }

  @Test
  void theTextOnAnotherThreadSaysThatTheArenaIsConfined() {
    try (Arena confined = Arena.ofConfined();
        Arena open = Arena.ofShared()) {
      FloatArray value = FloatArray.allocate(confined, 8);
      assertEquals("confined to another thread (8 floats)", elsewhere(value::toString));
      FloatArray gradient = FloatArray.of(open, new float[8]);
      Parameter parameter = new Parameter("0.bias", Shape.of(8), value, gradient);
      assertEquals(
          "Parameter[name=0.bias, shape=[8], value=confined to another thread (8 floats),"
              + " gradient=[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]",
          elsewhere(parameter::toString));
    }
  }

  @Test
  void theTextOfAClosedArraySaysSoOnAnyThread() {
    FloatArray closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = FloatArray.allocate(arena, 3);
    }
    assertEquals("closed (3 floats)", closed.toString());
    assertEquals("closed (3 floats)", elsewhere(closed::toString));
  }

  @Test
  void useOfAClosedArrayOrOfAnotherThreadsArrayIsRefusedByName() throws InterruptedException {
    FloatArray closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = FloatArray.allocate(arena, 3);
      FloatArray mine = closed;
      mine.requireUsable("x");
      assertEquals(
          "x is confined to another thread: its arena admits only the thread that opened it",
          Elsewhere.refused(() -> mine.requireUsable("x")).getMessage());
    }
    assertEquals(
        "x is closed: its arena is no longer alive",
        assertThrows(IllegalStateException.class, () -> closed.requireUsable("x")).getMessage());
    assertEquals(
        "this array is closed: its arena is no longer alive",
        assertThrows(IllegalStateException.class, () -> closed.fill(1f)).getMessage());
  }
}
