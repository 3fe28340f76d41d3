package io.github.lanewise.core.simd;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ScratchTest {
  @Test
  void aThreadGetsTheSameMemoryAgain() {
    Scratch first = Scratch.take();
    first.close();
    Scratch second = Scratch.take();
    second.close();
    assertSame(first, second);
    assertEquals(Scratch.BYTES, first.memory().byteSize());
    assertEquals(0, first.memory().address() % Scratch.SLOT_BYTES);
  }

  @Test
  void arraysOfWholeVectorsNeedNone() {
    assertNull(Scratch.takeForRest(0));
    assertNull(Scratch.takeForRest(48));
    try (Scratch scratch = Scratch.takeForRest(49)) {
      assertNotEquals(null, scratch);
    }
  }

  /// A call that finds all taken waits until one is given back.
  @Test
  void noTwoHoldTheSame() throws Exception {
    List<Scratch> all = new ArrayList<>();
    Set<Long> addresses = new HashSet<>();
    for (int i = 0; i < Scratch.COUNT; i++) {
      Scratch scratch = Scratch.take();
      all.add(scratch);
      addresses.add(scratch.memory().address());
    }
    assertEquals(Scratch.COUNT, addresses.size());
    Scratch[] waited = new Scratch[1];
    Thread waiting = Thread.ofPlatform().start(() -> waited[0] = Scratch.take());
    assertTrue(!waiting.join(Duration.ofMillis(50)), "one was taken twice");
    all.getFirst().close();
    waiting.join();
    assertSame(all.getFirst(), waited[0]);
    all.forEach(Scratch::close);
  }

  @Test
  void manyVirtualThreadsShareThem() throws Exception {
    AtomicInteger wrong = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      long mark = i;
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int round = 0; round < 20; round++) {
                  try (Scratch scratch = Scratch.take()) {
                    scratch.memory().set(JAVA_LONG, 0, mark);
                    if (scratch.memory().get(JAVA_LONG, 0) != mark) {
                      wrong.incrementAndGet();
                    }
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, wrong.get());
  }
}
