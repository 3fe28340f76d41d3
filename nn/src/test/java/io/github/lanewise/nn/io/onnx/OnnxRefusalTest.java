package io.github.lanewise.nn.io.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What an ONNX file may hold that Lanewise does not read, or that nobody does.
final class OnnxRefusalTest {
  /// What the reading of a damaged file of a few kB may allocate on the heap, in all: functions are
  /// told apart by their values at thousands of places, which are dropped one after the other.
  private static final long BYTES = 64 << 20;

  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(java.lang.management.ThreadMXBean.class);

  private static final Path FILE = Path.of("model.onnx");

  @TempDir Path directory;

  private static String refusal(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      var e = assertThrows(FileException.class, () -> OnnxFile.read(arena, FILE, bytes, ""));
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertTrue(e.getMessage().startsWith("model.onnx: "), e.getMessage());
      return e.getMessage().substring("model.onnx: ".length());
    }
  }

  private static Message tensor(String name, int type, long... sizes) {
    Message tensor = new Message();
    long elements = 1;
    for (long size : sizes) {
      tensor.put(1, size);
      elements *= size;
    }
    byte[] raw = new byte[(int) elements * (type == 7 ? 8 : 4)];
    ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 1);
    return tensor.put(2, (long) type).put(8, name).put(9, raw);
  }

  private static Message node(String op, String output, String... inputs) {
    Message node = new Message();
    for (String input : inputs) {
      node.put(1, input);
    }
    return node.put(2, output).put(4, op);
  }

  private static Message value(String name, long... sizes) {
    Message shape = new Message();
    for (long size : sizes) {
      shape.put(1, size < 0 ? new Message().put(2, "n") : new Message().put(1, size));
    }
    Message type = new Message().put(1, new Message().put(1, 1L).put(2, shape));
    return new Message().put(1, name).put(2, type);
  }

  /// Returns a graph from x, of 2 features, to y, with a matrix w, a row b and a shape s.
  private static Message graph(Message... nodes) {
    Message graph = new Message();
    for (Message node : nodes) {
      graph.put(1, node);
    }
    return graph
        .put(5, tensor("w", 1, 2, 3))
        .put(5, tensor("b", 1, 3))
        .put(5, tensor("s", 7, 2))
        .put(11, value("x", -1, 2))
        .put(12, value("y", -1, 3));
  }

  private static byte[] model(int opset, Message graph) {
    return new Message()
        .put(1, 8L)
        .put(7, graph)
        .put(8, new Message().put(1, "").put(2, (long) opset))
        .bytes();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Conv x w|Conv of 'y', which is no layer or function of Lanewise",
        "Erf x|",
        "Floor x|Floor of 'y', which is no layer or function of Lanewise",
        "MatMul w x|MatMul of 'y', which is no layer or function of Lanewise",
        "MatMul x x|MatMul of 'y' has weights that are not constant floats",
        "MatMul x b|MatMul of 'y' has weights of shape [3], not a matrix",
        "MatMul x s|MatMul of 'y' has weights that are not constant floats",
        "Gemm x w s|Gemm of 'y' has a parameter that is not constant floats",
        "Add x b|Add of 'y', which is no layer or function of Lanewise",
        "Mul x b|Mul of 'y', which is no layer or function of Lanewise",
        "PRelu x b|PRelu of 'y' has a parameter of shape [3], not one for each feature",
        "LayerNormalization x b|LayerNormalization of 'y' has a parameter of shape [3], not one"
            + " for each feature",
        "Reshape x s|Reshape of 'y' changes the shape of a row",
        "Reshape x b|Reshape of 'y' has a shape that is not constant",
        "Cast x|Cast of 'y' makes no floats",
        "Identity w|has an output 'y' that the input has no part in",
        "Dropout x b b|Dropout of 'y' is in training mode; export the model in evaluation mode",
        "Relu z|Relu of 'y' uses 'z', which nothing before it computes",
        "Relu y|Relu of 'y' uses 'y', which nothing before it computes",
      })
  void refusesOperatorsByName(String text, String message) {
    List<String> words = List.of(text.split(" "));
    Message node =
        node(words.getFirst(), "y", words.subList(1, words.size()).toArray(String[]::new));
    if (message == null) {
      var e = refusal(model(17, graph(node)));
      assertTrue(e.startsWith("has layers that do not fit: a network needs a Linear layer"), e);
    } else {
      String found = refusal(model(17, graph(node)));
      assertTrue(found.endsWith(message), found);
    }
  }

  @Test
  void refusesAttributesThatNoLayerHas() {
    Message transposed =
        node("Gemm", "y", "x", "w", "b").put(5, GraphWriter.attribute("transA", 1));
    assertEquals("Gemm of 'y' transposes its rows", refusal(model(17, graph(transposed))));
    Message columns = node("Softmax", "y", "x").put(5, GraphWriter.attribute("axis", 0));
    assertEquals(
        "Softmax of 'y' goes over axis 0, not over rows", refusal(model(17, graph(columns))));
    Message wide = node("Gemm", "y", "x", "w").put(5, GraphWriter.attribute("transB", 1));
    assertEquals("Gemm of 'y' takes 3 features, but gets 2", refusal(model(17, graph(wide))));
    Message infinite =
        node("LeakyRelu", "y", "x").put(5, GraphWriter.attribute("alpha", Float.NaN));
    assertEquals(
        "LeakyRelu of 'y' has a setting that no activation has: slope is NaN, must be finite as a"
            + " float",
        refusal(model(17, graph(infinite))));
    Message twice =
        node("Softmax", "y", "x")
            .put(5, GraphWriter.attribute("axis", 1))
            .put(5, GraphWriter.attribute("axis", 0));
    assertEquals("has a node with two attributes named 'axis'", refusal(model(17, graph(twice))));
    Message foreign = node("Scaler", "y", "x").put(7, "ai.onnx.ml");
    assertEquals(
        "has ai.onnx.ml.Scaler of 'y', which is no layer or function of Lanewise",
        refusal(model(17, graph(foreign))));
  }

  @Test
  void refusesGraphsThatAreNone() {
    Message relu = node("Relu", "y", "x");
    assertEquals(
        "Relu of 'p' uses 'q', which nothing before it computes",
        refusal(model(17, graph(node("Relu", "p", "q"), node("Relu", "q", "p"), relu))));
    assertEquals(
        "Relu of 'y' computes 'y', which is there already", refusal(model(17, graph(relu, relu))));
    assertEquals(
        "has ONNX's operators of version 12; Lanewise reads 13 to 23",
        refusal(model(12, graph(relu))));
    assertEquals(
        "has ONNX's operators of version 24; Lanewise reads 13 to 23",
        refusal(model(24, graph(relu))));
    byte[] bare = new Message().put(7, graph(relu)).bytes();
    assertEquals("has ONNX's operators of version unknown; Lanewise reads 13 to 23", refusal(bare));
    assertEquals(
        "has more than one graph",
        refusal(new Message().put(7, graph(relu)).put(7, graph(relu)).bytes()));
    assertEquals("is no ONNX file: it has no graph", refusal(new byte[0]));
    assertEquals("is no ONNX file: it has no graph", refusal(new Message().put(1, 8L).bytes()));
    assertEquals(
        "has 2 inputs, a network takes one",
        refusal(model(17, graph(relu).put(11, value("z", -1, 2)))));
    assertEquals(
        "has two inputs named 'x'", refusal(model(17, graph(relu).put(11, value("x", -1, 2)))));
    assertEquals(
        "has two constants named 'w'", refusal(model(17, graph(relu).put(5, tensor("w", 1, 1)))));
    assertEquals(
        "has functions of its own; export it without them",
        refusal(new Message().put(7, graph(relu)).put(25, new Message()).bytes()));
    assertEquals(
        "has sparse constants; Lanewise reads dense ones",
        refusal(model(17, graph(relu).put(15, new Message()))));
  }

  @Test
  void refusesConstantsThatAreWrong() {
    Message external = tensor("e", 1, 1).put(13, new Message().put(1, "location")).put(14, 1L);
    assertEquals(
        "keeps tensors in a second file; export it into one file, in PyTorch with"
            + " external_data=False",
        refusal(model(17, graph().put(5, external))));
    assertEquals(
        "constant 'h' has elements of FLOAT16; Lanewise reads FLOAT, INT64, INT32 and BOOL",
        refusal(model(17, graph().put(5, tensor("h", 10, 1)))));
    assertEquals(
        "constant 'h' has elements of number 99; Lanewise reads FLOAT, INT64, INT32 and BOOL",
        refusal(model(17, graph().put(5, tensor("h", 99, 1)))));
    assertEquals(
        "constant 'b' has shape [3, 1048576], but 3 elements",
        refusal(
            model(
                17,
                graph()
                    .put(
                        5,
                        new Message()
                            .put(1, 3L)
                            .put(1, 1L << 20)
                            .put(2, 1L)
                            .put(8, "b")
                            .put(9, new byte[12])))));
    for (long size : new long[] {-1, 0, 4, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
      Message huge =
          new Message().put(1, size).put(1, size).put(2, 1L).put(8, "h").put(9, new byte[12]);
      assertEquals(
          "constant 'h' has shape [%d, %d], but 3 elements".formatted(size, size),
          refusal(model(17, graph().put(5, huge))));
    }
    Message odd = new Message().put(1, 3L).put(2, 1L).put(8, "h").put(9, new byte[13]);
    assertEquals(
        "constant 'h' has 13 raw bytes, which its elements do not fill",
        refusal(model(17, graph().put(5, odd))));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, (1 << 24) + 1, Long.MAX_VALUE})
  void refusesInputsThatAreNoRows(long features) {
    Message graph =
        new Message()
            .put(1, node("Relu", "y", "x"))
            .put(11, value("x", -1, features))
            .put(12, value("y", -1, 3));
    assertEquals(
        "has input 'x' of shape [-1, %d], which is no row of features".formatted(features),
        refusal(model(17, graph)));
  }

  @Test
  void refusesWhatIsNoFile() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Path missing = directory.resolve("no.onnx");
      var e = assertThrows(FileException.class, () -> OnnxFile.read(arena, missing));
      assertEquals(missing + ": no such file", e.getMessage());
      e = assertThrows(FileException.class, () -> OnnxFile.read(arena, directory));
      assertEquals(directory + ": is a directory", e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"relu_script13", "sklearn", "norm_script13"})
  void whatIsCutShortAnywhereIsReadOrRefused(String name) throws IOException {
    byte[] whole = Files.readAllBytes(OnnxFileTest.FILES.resolve(name + ".onnx"));
    for (int n = 0; n < whole.length; n++) {
      readOrRefused(Arrays.copyOf(whole, n));
    }
  }

  /// More cases with the system property `lanewise.mutations`.
  @Test
  void mutatedFilesAreReadOrRefused() throws IOException {
    int mutants = Integer.getInteger("lanewise.mutations", 10_000);
    SplittableRandom random = new SplittableRandom(11);
    int refused = 0;
    List<String> names =
        List.of(
            "relu_script13",
            "rows_script17",
            "sklearn",
            "nothing",
            "norm_script13",
            "gelu_script13");
    List<byte[]> originals = new ArrayList<>();
    for (String name : names) {
      originals.add(Files.readAllBytes(OnnxFileTest.FILES.resolve(name + ".onnx")));
    }
    for (int i = 0; i < mutants; i++) {
      byte[] bytes = originals.get(i % originals.size()).clone();
      int changes = 1 + random.nextInt(3);
      for (int change = 0; change < changes; change++) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(3)) {
          case 0 -> bytes[at] = (byte) random.nextInt();
          case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
          default -> {
            int n = Math.min(random.nextInt(8), bytes.length - at);
            System.arraycopy(bytes, random.nextInt(bytes.length - n), bytes, at, n);
          }
        }
      }
      refused += readOrRefused(bytes) ? 0 : 1;
    }
    assertTrue(refused > mutants / 5, refused + " of " + mutants + " were refused");
  }

  /// Returns whether the bytes could be read. Anything but a network or a [FileException] fails.
  private static boolean readOrRefused(byte[] bytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try (Arena arena = Arena.ofConfined()) {
      assertTrue(OnnxFile.read(arena, FILE, bytes, "").network().inputs() > 0);
      return true;
    } catch (FileException e) {
      assertTrue(e.getMessage().startsWith("model.onnx: "), e.getMessage());
      return false;
    } finally {
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated < BYTES, () -> allocated + " bytes for a file of " + bytes.length);
    }
  }
}
