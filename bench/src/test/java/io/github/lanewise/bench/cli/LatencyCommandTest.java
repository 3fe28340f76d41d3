package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Latency counts from the time at which a call was meant to start.
@Timeout(120)
class LatencyCommandTest {
  private static final long PAUSE_NANOS = 200_000_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String command) {
    return Lanewise.run(
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8),
        false,
        command.split(" ", -1));
  }

  @Test
  void aPauseCountsForEveryCallThatItDelays() {
    OpenLoop.Times times =
        OpenLoop.run(
            1,
            1000,
            0.5,
            () -> {
              int[] calls = {0};
              return () -> {
                if (calls[0]++ == 100) {
                  LockSupport.parkNanos(PAUSE_NANOS);
                }
              };
            });
    assertEquals(500, times.calls().getTotalCount());
    long delayed = times.calls().getCountBetweenValues(PAUSE_NANOS / 2, Long.MAX_VALUE);
    assertTrue(delayed >= 100, () -> delayed + " calls were late");
    assertEquals(5000, times.idle().getTotalCount());
  }

  @Test
  void theTableHasARowForEachNumberOfThreads(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("latency.json");
    assertEquals(
        0,
        run("latency --layers 8,4 --threads 1,3 --seconds 0.2 --json " + file),
        () -> err.toString(UTF_8));
    String printed = out.toString(UTF_8);
    assertTrue(printed.contains("| 1 | ") && printed.contains("| 3 | "), printed);
    Json report = Json.read(file);
    for (int threads : new int[] {1, 3}) {
      String of = "threads" + threads;
      assertTrue(report.get(of + ".callsPerSecond").number() > 0);
      assertTrue(report.get(of + ".p50.0").number() > 0);
      assertTrue(report.get(of + ".p99.99").number() >= report.get(of + ".p50.0").number());
      assertTrue(report.get(of + ".idle.p99.9").number() >= 0);
    }
  }

  @Test
  void everyStartHasALineAndIsReady(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("starts.json");
    assertEquals(
        0, run("latency --layers 8,4 --starts 2 --json " + file), () -> err.toString(UTF_8));
    String printed = out.toString(UTF_8);
    assertTrue(printed.contains("| 1 | ") && printed.contains("| 2 | "), printed);
    assertTrue(printed.contains(" in ") && printed.contains("2 warm-ups were ready"), printed);
    Json report = Json.read(file);
    for (String figure :
        new String[] {"startMillis", "warmUpMillis", "firstNanos", "medianNanos"}) {
      assertEquals(2, report.get(figure).items().size());
    }
  }

  @Test
  void aFirstRequestOfMoreThanThreeMediansIsNotWarm() {
    assertTrue(Starts.Start.parse("900 500 3000 1000 true").isWarm());
    assertFalse(Starts.Start.parse("900 500 3001 1000 true").isWarm());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--layers 8; --layers is [8], must be two or more widths of at least 1",
        "--layers 2000000000,2000000000; a network of the widths [2000000000, 2000000000] has more than 2^40 parameters",
        "--threads 0; --threads is [0], must be numbers from 1 to 10000",
        "--threads 100000000; --threads is [100000000], must be numbers from 1 to 10000",
        "--starts 0; --starts is 0, must be at least 1",
        "--load 1; --load is 1.0, must be between 0 and 1",
        "--seconds NaN; --seconds is NaN, must be above 0 and at most 3600"
      })
  void optionsThatCannotBeAreRefused(String options, String problem) {
    assertEquals(2, run("latency " + options));
    assertEquals(problem, err.toString(UTF_8).strip());
  }
}
