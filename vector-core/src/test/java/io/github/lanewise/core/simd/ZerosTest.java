package io.github.lanewise.core.simd;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZerosTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 64, 16383, 16384, 16385, 100_000})
  void thePartIsZeroAndItsNeighboursAreNot(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes + 2).fill((byte) 7);
      Zeros.fill(memory, 1, bytes);
      for (long i = 0; i < bytes + 2; i++) {
        int expected = i == 0 || i == bytes + 1 ? 7 : 0;
        assertEquals(expected, memory.get(JAVA_BYTE, i), "byte " + i);
      }
    }
  }

  /// The first calls run in the interpreter, where every object is allocated.
  @Test
  void noCallAllocates() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(40_000);
      Zeros.fill(memory, 4, 39_000);
      THREADS.getCurrentThreadAllocatedBytes();
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 20; i++) {
        Zeros.fill(memory, 4, 39_000);
      }
      assertEquals(0, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
  }
}
