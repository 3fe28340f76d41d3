package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.properties.audit.AuditedCalls.Audited;
import io.github.lanewise.properties.support.AllocationMeter;
import io.github.lanewise.properties.support.ForkedJvm;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// No call allocates once it is compiled, neither in a JVM that has run every other kernel before
/// nor in one that runs no other, neither on a platform thread nor as the first call of a virtual
/// thread.
///
/// A vector that C2 cannot keep in a register becomes an object, so that bytes per call are the
/// measure of whether a kernel is still vectorised.
class AllocationAuditTest {
  /// The longest bodies; the profile `exhaustive` takes all.
  private static final List<String> LONGEST =
      List.of(
          "elu backward",
          "gelu backward",
          "mish backward",
          "softmax forward",
          "log-softmax forward",
          "log-softmax backward",
          "log-softmax backward of rows of 1",
          "cross-entropy smoothed",
          "binary_cross_entropy_with_logits");

  private static Future<ForkedJvm.Outcome> together;
  private static final Map<String, Future<ForkedJvm.Outcome>> ALONE = new LinkedHashMap<>();

  /// The JVMs run beside each other and beside the tests of this one: bytes, unlike times, do not
  /// depend on what else the machine does.
  @BeforeAll
  static void start() {
    together = ForkedJvm.submit(List.of(ForkedJvm.VECTOR_MODULE), Together.class);
    for (String name : LONGEST) {
      ALONE.put(name, ForkedJvm.submit(List.of(ForkedJvm.VECTOR_MODULE), Alone.class, name));
    }
  }

  static List<String> longest() {
    return LONGEST;
  }

  static List<String> allFacades() {
    return Facades.all().stream().map(Facades.Facade::name).toList();
  }

  @Test
  void noCallAllocatesAfterAllKernelsHaveRun() throws Exception {
    assertAllocatesNothing(together.get());
  }

  /// An object that C2 removes in one JVM may stay in another, depending on what C2 has copied into
  /// what. So no call may have one, apart from vectors, which C2 removes in another way.
  @Test
  @Tag("exhaustive")
  void noCallHasAnObjectThatC2WouldHaveToRemove() throws Exception {
    assertAllocatesNothing(
        ForkedJvm.run(
            List.of(ForkedJvm.VECTOR_MODULE, "-XX:-EliminateAllocations"), Together.class));
  }

  private static void assertAllocatesNothing(ForkedJvm.Outcome outcome) {
    assertEquals(0, outcome.exitCode(), outcome::text);
    for (String arrays : List.of("confined", "shared")) {
      String line = arrays + ": " + numberOfCalls() + " calls allocate nothing";
      assertTrue(outcome.lines().contains(line), outcome::text);
    }
  }

  private static int numberOfCalls() {
    try (Arena arena = Arena.ofConfined()) {
      return AuditedCalls.all(arena).size();
    }
  }

  /// Runs every call after all kernels have run; exit code 1 if one allocates.
  ///
  /// First with what most users have, arrays of one thread, and on that thread. Then with arrays of
  /// all threads, on a virtual thread too: by then what C2 has compiled for the first is polluted.
  static final class Together {
    private Together() {}

    public static void main(String[] arguments) throws InterruptedException {
      int allocating = 0;
      try (Arena confined = Arena.ofConfined();
          Arena shared = Arena.ofShared()) {
        pollute(confined);
        allocating += audit("confined", AuditedCalls.all(confined), false);
        allocating += audit("shared", AuditedCalls.all(shared), true);
      }
      System.exit(allocating == 0 ? 0 : 1);
    }

    private static int audit(String arrays, List<Audited> calls, boolean onVirtualThreads)
        throws InterruptedException {
      int allocating = 0;
      for (Audited call : calls) {
        long bytes = AllocationMeter.bytesOnceCompiled(call.call());
        long fresh = onVirtualThreads ? AllocationMeter.bytesOnAFreshVirtualThread(call.call()) : 0;
        if (bytes != 0 || fresh != 0) {
          allocating++;
          System.out.printf(
              "%s: %s: %s bytes per call, %d on a fresh virtual thread%n",
              arrays, call.name(), (double) bytes / AllocationMeter.CALLS, fresh);
        }
      }
      System.out.println(arrays + ": " + (calls.size() - allocating) + " calls allocate nothing");
      return allocating;
    }
  }

  @ParameterizedTest
  @MethodSource("longest")
  void aKernelOfALongBodyAllocatesNothingWhereItRunsAlone(String name) throws Exception {
    assertAllocatesNothing(name, ALONE.get(name).get());
  }

  @ParameterizedTest
  @MethodSource("allFacades")
  @Tag("exhaustive")
  void noKernelAllocatesWhereItRunsAlone(String name) throws Exception {
    assertAllocatesNothing(
        name, ForkedJvm.run(List.of(ForkedJvm.VECTOR_MODULE), Alone.class, name));
  }

  private static void assertAllocatesNothing(String name, ForkedJvm.Outcome outcome) {
    assertEquals(0, outcome.exitCode(), outcome::text);
    assertTrue(outcome.lines().contains(name + " of 4096: 0 bytes"), outcome::text);
  }

  /// Runs one facade, with few elements first; exit code 1 if it allocates once it is compiled.
  ///
  /// A service that embeds one network runs few kernels, and with few elements: what C2 then
  /// compiles first, and copies into what, differs from a JVM that runs many.
  static final class Alone {
    /// C2 compiles callers after what they call, and may then copy it into them.
    private static final long SETTLING_NANOS = 500_000_000L;

    /// Between so many calls and the next the compilers have the processor: hundreds of thousands
    /// of short calls are left, several times as many as HotSpot counts.
    private static final int CALLS_BETWEEN_PAUSES = 1000;

    private static final long PAUSE_NANOS = 1_000_000;

    private Alone() {}

    public static void main(String[] arguments) {
      String name = arguments[0];
      Facades.Facade facade =
          Facades.all().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
      try (Arena arena = Arena.ofConfined()) {
        for (int n : new int[] {10, 16, 300, 4096}) {
          FloatArray[] arrays = facade.allocate(arena, n);
          Runnable call = () -> facade.call().run(arrays, n);
          long settled = System.nanoTime() + SETTLING_NANOS;
          while (System.nanoTime() < settled) {
            for (int i = 0; i < CALLS_BETWEEN_PAUSES; i++) {
              call.run();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
          }
          long bytes = AllocationMeter.bytesOnceCompiled(call);
          System.out.println(name + " of " + n + ": " + bytes + " bytes");
          if (bytes != 0) {
            System.exit(1);
          }
        }
      }
    }
  }

  @Test
  void aVectorThatBecomesAnObjectIsCaught() {
    FloatVector[] escaped = new FloatVector[1];
    long fewest = Long.MAX_VALUE;
    for (int i = 0; i < 100; i++) {
      fewest =
          Math.min(
              fewest,
              AllocationMeter.bytes(
                  () -> escaped[0] = FloatVector.broadcast(FloatVector.SPECIES_PREFERRED, 200),
                  AllocationMeter.CALLS));
    }
    assertTrue(fewest > 0, "the canary sang: the audit would not notice a boxing kernel");
  }

  @Test
  void aSingleAllocationIsSeenOnEitherKindOfThread() throws InterruptedException {
    Object[] sink = new Object[1];
    Runnable allocating = () -> sink[0] = new int[3];
    assertTrue(AllocationMeter.bytes(allocating, 1) > 0, "an array of 3 ints was not seen");
    assertTrue(
        AllocationMeter.bytesOnAFreshVirtualThread(allocating) > 0,
        "an array of 3 ints was not seen on a virtual thread");
  }

  /// Calls every kernel in random order with 1 to 16 elements, or rows of as many.
  private static void pollute(Arena arena) {
    SplittableRandom random = new SplittableRandom(20251);
    List<Facades.Facade> facades = Facades.all();
    for (int i = 0; i < 20 * facades.size(); i++) {
      Facades.Facade facade = facades.get(random.nextInt(facades.size()));
      int n = random.nextInt(1, 17);
      FloatArray[] arrays = facade.allocate(arena, n);
      for (int call = 0; call < 20; call++) {
        facade.call().run(arrays, n);
      }
    }
    List<BatchFacades.Facade> onBatches = BatchFacades.all();
    for (int i = 0; i < 20 * onBatches.size(); i++) {
      BatchFacades.Facade facade = onBatches.get(random.nextInt(onBatches.size()));
      int rows = random.nextInt(1, 40);
      BatchFacades.Operands operands = facade.allocate(arena, rows, random.nextInt(1, 17));
      for (int call = 0; call < 20; call++) {
        facade.call().run(operands);
      }
    }
  }
}
