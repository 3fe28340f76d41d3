package io.github.lanewise.nn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.core.Activation;
import io.github.lanewise.core.Softmax;
import io.github.lanewise.nn.Dropout;
import io.github.lanewise.nn.LayerNorm;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.PRelu;
import io.github.lanewise.nn.Sequential;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Damaged model files: either they still are models, or a sentence says why they are not, after
/// little memory.
///
/// More cases with the system property `lanewise.mutations`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ModelFileMutationTest {
  private static final int MUTATIONS = Integer.getInteger("lanewise.mutations", 20_000);
  private static final Path NAME = Path.of("model.safetensors");
  private static final long SEED = 7;

  /// What a reading may allocate on the heap: the files have 2 kB.
  private static final long BYTES = 1 << 20;

  private static final String TOKENS = "{}[](),;:\"\\-0123456789.eEunltrafs \n\0\u007f\u2028";
  private static final List<String> WORDS =
      List.of("99999999999999999999", "2147483647", "-1", "1e999", "NaN", "Linear(", "\\u0000");

  private final ThreadMXBean threads =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(java.lang.management.ThreadMXBean.class);

  private byte[] unsigned;
  private SafeTensors.Contents contents;

  /// A model with every kind of layer and of metadata.
  @BeforeAll
  void writeModel(@TempDir Path directory) throws IOException {
    Sequential network =
        Sequential.of(
            LayerNorm.of(2),
            Linear.of(2, 3),
            Activation.hardtanh(-2, 3),
            new Dropout(0.5, 3),
            PRelu.of(3),
            Linear.of(3, 2),
            Softmax.LAYER);
    Path file = directory.resolve("model");
    try (Arena arena = Arena.ofConfined()) {
      ModelFile.of(network.initialize(arena, 1))
          .withTask(Task.MULTILABEL, List.of("a \"b\"", "c"))
          .withFeatures(List.of("x", "y"), FeatureScaling.parse("1,-5;2,10", 2))
          .withWriter("test 1")
          .write(file);
    }
    contents = SafeTensors.readContents(Arena.ofAuto(), file);
    // Under another name the checksum counts as no checksum, and damage gets past it.
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    unsigned =
        text.replace(Checksum.KEY, "other_" + Checksum.KEY.substring(6))
            .getBytes(StandardCharsets.ISO_8859_1);
    assertTrue(reads(unsigned));
  }

  @Test
  void damagedBytesAreReadOrRefused() {
    var random = new SplittableRandom(SEED);
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] damaged = unsigned.clone();
      for (int damages = random.nextInt(1, 4); damages > 0; damages--) {
        int at = random.nextInt(damaged.length);
        switch (random.nextInt(3)) {
          case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> damaged[at] = (byte) TOKENS.charAt(random.nextInt(TOKENS.length()));
          default -> {
            int n = Math.min(random.nextInt(24), damaged.length - at);
            System.arraycopy(damaged, random.nextInt(damaged.length - n), damaged, at, n);
          }
        }
      }
      refused += reads(damaged) ? 0 : 1;
    }
    assertTrue(refused > MUTATIONS / 5, refused + " of " + MUTATIONS + " were refused");
  }

  /// Whether the bytes are a model; anything but success and a sentence fails the test.
  private boolean reads(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      var channel = Channels.newChannel(new ByteArrayInputStream(bytes));
      return reads(SafeTensors.readContents(arena, NAME, channel, bytes.length, true));
    } catch (FileException e) {
      return false;
    } catch (IOException | RuntimeException e) {
      return fail(new String(bytes, StandardCharsets.ISO_8859_1), e);
    }
  }

  private boolean reads(SafeTensors.Contents damaged) {
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      ModelFile model = ModelMetadata.read(damaged);
      assertEquals(model.network().inputs(), model.scaling().columns());
      return true;
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage() != null && e.getMessage().length() > 10, e::toString);
      return false;
    } catch (RuntimeException e) {
      return fail(damaged.metadata().toString(), e);
    } finally {
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < BYTES, () -> allocated + " bytes for " + damaged.metadata());
    }
  }

  /// Damage within one entry, as a tool might do that writes a right checksum.
  @Test
  void damagedDescriptionsAreReadOrRefused() {
    var random = new SplittableRandom(SEED);
    List<String> keys = new ArrayList<>(contents.metadata().keySet());
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      TreeMap<String, String> metadata = new TreeMap<>(contents.metadata());
      String key = keys.get(random.nextInt(keys.size()));
      StringBuilder value = new StringBuilder(metadata.get(key));
      for (int damages = random.nextInt(1, 4); damages > 0; damages--) {
        int at = random.nextInt(value.length() + 1);
        int end = Math.min(value.length(), at + random.nextInt(12));
        switch (random.nextInt(4)) {
          case 0 -> value.replace(at, Math.min(value.length(), at + 1), token(random));
          case 1 -> value.delete(at, end);
          case 2 -> value.insert(random.nextInt(value.length() + 1), value.substring(at, end));
          default -> value.insert(at, WORDS.get(random.nextInt(WORDS.size())));
        }
      }
      metadata.put(key, value.toString());
      refused += reads(new SafeTensors.Contents(contents.tensors(), metadata)) ? 0 : 1;
    }
    assertTrue(refused > MUTATIONS / 5, refused + " of " + MUTATIONS + " were refused");
  }

  private static String token(SplittableRandom random) {
    return TOKENS.substring(random.nextInt(TOKENS.length())).substring(0, 1);
  }

  /// A description of a network that no memory holds, beside the parameters of a small one.
  @Test
  void aHugeDescriptionTakesNoMemory() {
    for (String layer :
        List.of("Linear(2147483647, 3)", "LayerNorm(2147483647)", "PRelu(9999999)")) {
      TreeMap<String, String> metadata = new TreeMap<>(contents.metadata());
      metadata.put("lanewise.layers", "[\"" + layer + "\"]");
      metadata.remove("lanewise.scaling");
      metadata.remove("lanewise.features");
      assertEquals(false, reads(new SafeTensors.Contents(contents.tensors(), metadata)), layer);
    }
  }
}
