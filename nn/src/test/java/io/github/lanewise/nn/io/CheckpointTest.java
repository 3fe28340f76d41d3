package io.github.lanewise.nn.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointTest {
  private final Arena arena = Arena.ofConfined();
  @TempDir Path directory;

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void keepsEveryPartAndEveryBit() throws IOException {
    int[] bits = {0x7fc00001, 0x80000000, 1, 0x3f800001, 0xff800000};
    FloatArray values = FloatArray.allocate(arena, bits.length);
    for (int i = 0; i < bits.length; i++) {
      values.set(i, Float.intBitsToFloat(bits[i]));
    }
    Path file = directory.resolve("c");
    Map<String, String> texts = Map.of("last_lr.0", "0.1", "note", "two\nlines, \"quoted\"");
    new Checkpoint()
        .put("model", new StateDict().put("0.weight", Shape.of(5), values))
        .put("optimizer", new StateDict())
        .put("scheduler", texts)
        .put("empty", Map.of())
        .write(file);
    Checkpoint read = Checkpoint.read(arena, file);
    StateDict.Entry entry = read.arrays("model").get("0.weight");
    assertEquals(Shape.of(5), entry.shape());
    for (int i = 0; i < bits.length; i++) {
      assertEquals(bits[i], Float.floatToRawIntBits(entry.values().get(i)));
    }
    assertEquals(Set.of(), read.arrays("optimizer").names());
    assertEquals(texts, read.texts("scheduler"));
    assertEquals(Map.of(), read.texts("empty"));
  }

  @Test
  void refusesNamesThatAreTakenOrNone() {
    Checkpoint checkpoint = new Checkpoint().put("model", Map.of());
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> checkpoint.put("model", new StateDict()));
    assertEquals("the checkpoint already has a part model", e.getMessage());
    for (String name : List.of("", "a.b", "a,b", "Model", "lanewise")) {
      assertThrows(IllegalArgumentException.class, () -> checkpoint.put(name, Map.of()), name);
    }
    e = assertThrows(IllegalArgumentException.class, () -> checkpoint.arrays("model"));
    assertEquals("the checkpoint has no arrays model, only []", e.getMessage());
    e = assertThrows(IllegalArgumentException.class, () -> checkpoint.texts("no"));
    assertEquals("the checkpoint has no texts no, only [model]", e.getMessage());
  }

  @Test
  void refusesOtherFiles() throws IOException {
    Path file = directory.resolve("c");
    refused(file, "no such file");
    SafeTensors.write(file, new StateDict());
    refused(file, "is no checkpoint: its metadata has no entry lanewise.checkpoint");
    SafeTensors.write(file, new StateDict(), Map.of("lanewise.checkpoint", "2"));
    refused(file, "is a checkpoint of version '2', only version 1 is known");
    refused(file, "has an entry 'stray.x' of no part that it lists", Map.of("stray.x", "1"));
    refused(file, "the checkpoint already has a part a", Map.of("lanewise.arrays", "a,a"));

    new Checkpoint().put("progress", Map.of("epochs", "3")).write(file);
    byte[] bytes = Files.readAllBytes(file);
    int three = new String(bytes, ISO_8859_1).indexOf("\"3\"");
    bytes[three + 1] = '4';
    Files.write(file, bytes);
    refused(file, "is damaged: its content has SHA-256");
  }

  private void refused(Path file, String problem, Map<String, String> more) throws IOException {
    Map<String, String> metadata = new HashMap<>(more);
    metadata.put("lanewise.checkpoint", "1");
    SafeTensors.write(file, new StateDict(), metadata);
    refused(file, problem);
  }

  private void refused(Path file, String problem) {
    var e = assertThrows(FileException.class, () -> Checkpoint.read(arena, file));
    assertTrue(e.getMessage().startsWith(file + ": " + problem), e.getMessage());
  }
}
