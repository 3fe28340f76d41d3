package io.github.lanewise.core.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final Loop COUNTS = Loop.of(Counts.class, "add", 0.5f);

  /// Stands for a kernel; its state would be wrong in one, but shows here which class ran.
  static final class Counts {
    private Counts() {}

    static String add(int n, float a, float b) {
      return Counts.class.isHidden() + " " + (n + a + b);
    }
  }

  @Test
  void longCallsRunACopyOfTheClass() throws Throwable {
    MethodHandle ofShort = COUNTS.handle(Loop.LONG - 1);
    MethodHandle ofLong = COUNTS.handle(Loop.LONG);
    assertEquals("false 3.5", (String) ofShort.invokeExact(2, 1f));
    assertEquals("true 3.5", (String) ofLong.invokeExact(2, 1f));
    assertSame(ofLong, COUNTS.handle(1 << 20));
  }

  /// Nor is it looked for before the first call.
  @Test
  void aMethodThatIsNotThereIsNamed() {
    Loop loop = Loop.of(Counts.class, "subtract");
    LinkageError error = assertThrows(LinkageError.class, () -> loop.handle(1));
    assertEquals(Counts.class.getName() + " has no method subtract", error.getMessage());
  }

  /// A hidden class has no class file, as after a tool that has removed it.
  @Test
  void aClassFileThatIsMissingIsNamed() throws Throwable {
    byte[] file;
    try (var in = LoopTest.class.getResourceAsStream("LoopTest$Counts.class")) {
      file = in.readAllBytes();
    }
    Class<?> hidden = MethodHandles.lookup().defineHiddenClass(file, true).lookupClass();
    Loop loop = Loop.of(hidden, "add", 0.5f);
    LinkageError error = assertThrows(LinkageError.class, () -> loop.handle(Loop.LONG));
    assertTrue(
        error.getMessage().startsWith("the class file of " + hidden.getName() + " cannot be read"),
        error.getMessage());
  }

  @Test
  void theLimitOfInliningIsThatOfTheRunningJvm() {
    int fromArguments =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("-XX:FreqInlineSize="))
            .mapToInt(argument -> Integer.parseInt(argument.substring(argument.indexOf('=') + 1)))
            .findFirst()
            .orElse(325);
    assertEquals(fromArguments, Loop.longestInlined());
  }
}
