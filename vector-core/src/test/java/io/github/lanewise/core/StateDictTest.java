package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class StateDictTest {
  private static StateDict dictionary(Arena ofA, Arena ofB, float value) {
    return new StateDict()
        .put("a", Shape.of(2), FloatArray.allocate(ofA, 2).fill(value))
        .put("b", Shape.of(2), FloatArray.allocate(ofB, 2).fill(value));
  }

  @Test
  void aCopyTakesEveryEntry() {
    try (Arena arena = Arena.ofConfined()) {
      StateDict target = dictionary(arena, arena, 1);
      target.copyFrom(dictionary(arena, arena, 2));
      assertEquals("[2.0, 2.0]", target.get("a").values().toString());
      assertEquals("[2.0, 2.0]", target.get("b").values().toString());
    }
  }

  @Test
  void aCopyThatCannotReadOrWriteOneEntryCopiesNone() throws InterruptedException {
    try (Arena open = Arena.ofShared();
        Arena confined = Arena.ofConfined()) {
      StateDict target = dictionary(open, open, 1);
      StateDict unreadable = dictionary(open, confined, 2);
      assertEquals(
          "b of the source is confined to another thread: its arena admits only the thread that"
              + " opened it",
          Elsewhere.refused(() -> target.copyFrom(unreadable)).getMessage());
      assertEquals("[1.0, 1.0]", target.get("a").values().toString());
      StateDict readable = dictionary(open, open, 3);
      assertEquals(
          "b is confined to another thread: its arena admits only the thread that opened it",
          Elsewhere.refused(() -> unreadable.copyFrom(readable)).getMessage());
      assertEquals("[2.0, 2.0]", unreadable.get("a").values().toString());
    }
  }

  @Test
  void aCopyFromOrToAClosedEntryCopiesNone() {
    try (Arena arena = Arena.ofConfined()) {
      StateDict target = dictionary(arena, arena, 1);
      StateDict closed;
      try (Arena closing = Arena.ofConfined()) {
        closed = dictionary(arena, closing, 2);
      }
      assertEquals(
          "b of the source is closed: its arena is no longer alive",
          assertThrows(IllegalStateException.class, () -> target.copyFrom(closed)).getMessage());
      assertEquals("[1.0, 1.0]", target.get("a").values().toString());
      assertEquals(
          "b is closed: its arena is no longer alive",
          assertThrows(IllegalStateException.class, () -> closed.copyFrom(target)).getMessage());
      assertEquals("[2.0, 2.0]", closed.get("a").values().toString());
    }
  }

  @Test
  void anEntryOfAnotherShapeLeavesAllAsTheyWere() {
    try (Arena arena = Arena.ofConfined()) {
      StateDict target = dictionary(arena, arena, 1);
      StateDict source =
          new StateDict()
              .put("a", Shape.of(2), FloatArray.allocate(arena, 2))
              .put("b", Shape.of(1, 2), FloatArray.allocate(arena, 2));
      assertEquals(
          "b has shape [1, 2], but [2] is needed",
          assertThrows(IllegalArgumentException.class, () -> target.copyFrom(source)).getMessage());
      assertEquals("[1.0, 1.0]", target.get("a").values().toString());
    }
  }

  @Test
  void anArrayThatCannotBeReadIsNotPut() {
    FloatArray closed;
    try (Arena arena = Arena.ofConfined()) {
      closed = FloatArray.allocate(arena, 2);
    }
    StateDict empty = new StateDict();
    assertEquals(
        "a is closed: its arena is no longer alive",
        assertThrows(IllegalStateException.class, () -> empty.put("a", Shape.of(2), closed))
            .getMessage());
    assertEquals(0, empty.names().size());
  }
}
