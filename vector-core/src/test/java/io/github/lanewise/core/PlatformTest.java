package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class PlatformTest {
  @Test
  void aBigEndianCpuIsRefused() {
    assertEquals(
        "Lanewise needs a little-endian CPU, but this one is big-endian",
        Platform.byteOrderProblem(ByteOrder.BIG_ENDIAN));
  }

  @Test
  void aLittleEndianCpuIsTaken() {
    assertNull(Platform.byteOrderProblem(ByteOrder.LITTLE_ENDIAN));
  }
}
