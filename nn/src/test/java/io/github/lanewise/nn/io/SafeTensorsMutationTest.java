package io.github.lanewise.nn.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files: either they still are safetensors, or a [FileException] says that they are not.
///
/// More cases with the system property `lanewise.mutations`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SafeTensorsMutationTest {
  private static final int MUTATIONS = Integer.getInteger("lanewise.mutations", 50_000);
  private static final Path NAME = Path.of("model.safetensors");
  private static final long SEED = 6;
  private static final Map<String, String> METADATA =
      Map.of("activation", "relu", "scaling", "0.0,1.5;16.0,2.0");

  private byte[][] originals;

  @BeforeAll
  void writeOriginals(@TempDir Path directory) throws IOException {
    Path own = directory.resolve("own");
    try (Arena arena = Arena.ofConfined()) {
      SafeTensors.write(
          own,
          new StateDict()
              .put("0.weight", Shape.of(2, 3), FloatArray.of(arena, 1, 2, 3, 4, 5, 6))
              .put("empty", Shape.of(0), FloatArray.allocate(arena, 0))
              .put("scalar", Shape.of(), FloatArray.of(arena, 7)),
          METADATA);
    }
    originals = new byte[][] {SafeTensorsTest.golden(), Files.readAllBytes(own)};
  }

  @Test
  void everyFlippedBitOfTheHeaderIsReadOrRefused() {
    int refused = 0;
    for (byte[] original : originals) {
      assertTrue(reads(original));
      for (int bit = 0; bit < headerEnd(original) * 8; bit++) {
        byte[] damaged = original.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        refused += reads(damaged) ? 0 : 1;
      }
    }
    assertTrue(refused > 1000, () -> "a name may change, little else");
  }

  @Test
  void everyTruncationIsRefused() {
    for (byte[] original : originals) {
      for (int bytes = 0; bytes < original.length; bytes++) {
        if (reads(Arrays.copyOf(original, bytes))) {
          fail("read although cut to " + bytes + " bytes");
        }
      }
    }
  }

  @Test
  void everyFlippedBitOfTheDataIsFoundByTheChecksum() {
    byte[] original = originals[1];
    for (int bit = headerEnd(original) * 8; bit < original.length * 8; bit++) {
      byte[] damaged = original.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertEquals(false, reads(damaged));
    }
  }

  /// Only the name of the checksum's own entry is not covered by the checksum. A file in which it
  /// is damaged reads as one without a checksum, with one more entry and nothing else changed.
  @Test
  void noFlippedBitChangesWhatIsRead() throws IOException {
    byte[] original = originals[1];
    int read = 0;
    try (Arena arena = Arena.ofConfined()) {
      StateDict tensors = contents(arena, original).tensors();
      for (int bit = 0; bit < original.length * 8; bit++) {
        byte[] damaged = original.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        if (reads(damaged)) {
          read++;
          SafeTensors.Contents contents = contents(arena, damaged);
          Map<String, String> metadata = new HashMap<>(contents.metadata());
          metadata.keySet().removeIf(key -> key.length() == Checksum.KEY.length());
          assertEquals(METADATA, metadata, "bit " + bit);
          assertEquals(tensors.names(), contents.tensors().names());
          for (String name : tensors.names()) {
            StateDict.Entry found = contents.tensors().get(name);
            assertEquals(tensors.get(name).shape(), found.shape(), name);
            assertArrayEquals(tensors.get(name).values().toArray(), found.values().toArray(), name);
          }
        }
      }
    }
    int spare = 7 * Checksum.KEY.length() + 16; // bits of that name, and spaces that stay spaces
    assertTrue(read < spare, read + " damaged files were read");
  }

  private static SafeTensors.Contents contents(Arena arena, byte[] bytes) throws IOException {
    var channel = Channels.newChannel(new ByteArrayInputStream(bytes));
    return SafeTensors.readContents(arena, NAME, channel, bytes.length, true);
  }

  @Test
  void randomDamageIsReadOrRefused() {
    var random = new SplittableRandom(SEED);
    String tokens = "{}[],:\"\\-0123456789.eEunltrafs \n\0\u007f";
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] damaged = originals[random.nextInt(originals.length)].clone();
      int headerBytes = headerEnd(damaged);
      for (int damages = random.nextInt(1, 5); damages > 0; damages--) {
        int at = random.nextInt(damages == 1 ? damaged.length : headerBytes);
        switch (random.nextInt(4)) {
          case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
          case 1 -> damaged[at] = (byte) tokens.charAt(random.nextInt(tokens.length()));
          case 2 -> damaged[at] = (byte) random.nextInt();
          default -> { // a piece of the header over another
            int from = random.nextInt(headerBytes);
            int n = Math.min(random.nextInt(24), headerBytes - Math.max(from, at));
            System.arraycopy(damaged, from, damaged, at, Math.max(n, 0));
          }
        }
      }
      reads(damaged);
    }
  }

  private static int headerEnd(byte[] file) {
    return 8 + (file[0] & 0xff) + ((file[1] & 0xff) << 8);
  }

  /// Whether the bytes are a file; anything but success and [FileException] fails the test.
  private static boolean reads(byte[] bytes) {
    try (var arena = new MeteredArena()) {
      var channel = Channels.newChannel(new ByteArrayInputStream(bytes));
      try {
        SafeTensors.readContents(arena, NAME, channel, bytes.length, true);
        return true;
      } catch (FileException e) {
        assertTrue(arena.bytes == 0 || e.getMessage().contains("SHA-256"), e::toString);
        return false;
      } finally {
        assertTrue(arena.bytes <= 2L * bytes.length, () -> arena.bytes + " bytes allocated");
      }
    } catch (IOException | RuntimeException e) {
      return fail(Arrays.toString(bytes), e);
    }
  }

  /// Counts what is allocated.
  private static final class MeteredArena implements Arena {
    private final Arena arena = Arena.ofConfined();
    private long bytes;

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      bytes += byteSize;
      return arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
