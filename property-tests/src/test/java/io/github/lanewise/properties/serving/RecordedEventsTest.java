package io.github.lanewise.properties.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Flight Recorder sees swaps and warm-ups.
class RecordedEventsTest {
  @Test
  void aSwapAndAWarmUpAreEvents(@TempDir Path directory) throws IOException {
    Sequential network = Sequential.of(Linear.of(2, 3));
    Path file = directory.resolve("events.jfr");
    long bytes;
    try (Recording recording = new Recording();
        ModelPool pool = ModelPool.of(1, 1, arena -> network.initialize(arena, 1).serve(arena))) {
      recording.enable("lanewise.ModelSwap");
      recording.enable("lanewise.WarmUp");
      recording.start();
      pool.swap(arena -> network.initialize(arena, 2).serve(arena));
      pool.warmUp(1);
      bytes = pool.modelBytes();
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    RecordedEvent swap = only(events, "lanewise.ModelSwap");
    assertEquals(1, swap.getLong("generation"));
    assertEquals(bytes, swap.getLong("bytes"));
    assertTrue(swap.getDuration().isPositive());
    assertTrue(only(events, "lanewise.WarmUp").getLong("calls") > 0);
  }

  private static RecordedEvent only(List<RecordedEvent> events, String name) {
    List<RecordedEvent> found =
        events.stream().filter(event -> event.getEventType().getName().equals(name)).toList();
    assertEquals(1, found.size(), () -> "events named " + name);
    return found.getFirst();
  }
}
