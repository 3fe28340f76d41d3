package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.ScalarUpdates.Settings;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// An update that is refused names the argument and has written nothing.
class RefusedUpdatesTest {
  static Stream<FusedUpdatesTest.Update> updates() {
    return FusedUpdatesTest.updates();
  }

  @ParameterizedTest
  @MethodSource("updates")
  void anArrayOfAnotherThreadIsRefusedAndNothingIsWritten(FusedUpdatesTest.Update update)
      throws InterruptedException {
    Settings first = new Settings(1, 0.01, 0.01, false, 0.9, 0.999, 1e-8, 0.9, 0);
    for (int foreign = 0; foreign < 2 + update.states(); foreign++) {
      try (Arena open = Arena.ofShared();
          Arena confined = Arena.ofConfined()) {
        FloatArray[] arrays = new FloatArray[2 + update.states()];
        for (int k = 0; k < arrays.length; k++) {
          Arena arena = k == foreign ? confined : open;
          arrays[k] = FloatArray.allocate(arena, 37).fill(0.25f + k);
        }
        float[][] before = Stream.of(arrays).map(FloatArray::toArray).toArray(float[][]::new);
        FloatArray[] states = Arrays.copyOfRange(arrays, 2, arrays.length);
        WrongThreadException refusal =
            Elsewhere.refused(() -> update.fused().step(arrays[0], arrays[1], states, first));
        assertEquals(
            " is confined to another thread: its arena admits only the thread that opened it",
            refusal.getMessage().substring(refusal.getMessage().indexOf(' ')));
        for (int k = 0; k < arrays.length; k++) {
          assertArrayEquals(before[k], arrays[k].toArray(), "array " + k + " of " + update);
        }
      }
    }
  }

  @Test
  void badArgumentsAreNamedWithTheirValues() {
    try (Arena arena = Arena.ofConfined()) {
      FloatArray eight = FloatArray.allocate(arena, 8);
      FloatArray p = FloatArray.allocate(arena, 8);
      FloatArray seven = FloatArray.allocate(arena, 7);
      FloatArray both = FloatArray.allocate(arena, 12);
      FloatArray low = both.slice(0, 8);
      FloatArray high = both.slice(4, 8);
      refused("g has 7 elements, p has 8", () -> FusedUpdates.sgd(eight, seven, 0.1, 0, false));
      refused("g overlaps p", () -> FusedUpdates.sgd(eight, eight, 0.1, 0, false));
      refused(
          "v has 7 elements, p has 8",
          () -> FusedUpdates.rmsProp(p, eight, seven, 0.1, 0.9, 0, 0, false));
      refused("u overlaps v", () -> FusedUpdates.adadelta(p, eight, low, high, 1, 0, 0, 0, false));
      refused("v overlaps p", () -> FusedUpdates.adadelta(low, p, high, eight, 1, 0, 0, 0, false));
      refused("u overlaps g", () -> FusedUpdates.adadelta(p, low, eight, high, 1, 0, 0, 0, false));
      refused(
          "t is 0, but steps count from 1",
          () -> FusedUpdates.adagrad(p, low, eight, 0, 0.1, 0, 0, 0, false));
      FloatArray closed;
      try (Arena other = Arena.ofConfined()) {
        closed = FloatArray.allocate(other, 8);
      }
      IllegalStateException error =
          assertThrows(
              IllegalStateException.class,
              () -> FusedUpdates.rmsProp(p, eight, closed, 0.1, 0.9, 0, 0, false));
      assertEquals("v is closed: its arena is no longer alive", error.getMessage());
    }
  }

  private static void refused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
