package io.github.lanewise.properties.support;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// PyTorch's values from the test resources, in the precision they were written in.
///
/// The tests must pass on other values too: a file that lies in the folder `-Dlanewise.golden`
/// names takes the place of the resource of its name.
public final class GoldenFile {
  /// The folders with a manifest: that of the project, and one with other values of everything.
  public static final List<String> FOLDERS = List.of("", "holdout/");

  private static final String FOLDER = System.getProperty("lanewise.golden");

  private final ByteBuffer data;
  private final Map<String, Object> header;

  private GoldenFile(ByteBuffer data, Map<String, Object> header) {
    this.data = data;
    this.header = header;
  }

  public static GoldenFile read(String name) {
    ByteBuffer file = ByteBuffer.wrap(bytes(name)).order(ByteOrder.LITTLE_ENDIAN);
    int headerBytes = Math.toIntExact(file.getLong(0));
    String json = new String(file.array(), Long.BYTES, headerBytes, StandardCharsets.UTF_8);
    int from = Long.BYTES + headerBytes;
    ByteBuffer data = file.slice(from, file.limit() - from).order(ByteOrder.LITTLE_ENDIAN);
    return new GoldenFile(data, object(parse(json)));
  }

  /// The file of that name in each of the folders.
  public static Map<String, GoldenFile> readInFolders(String name) {
    Map<String, GoldenFile> files = new LinkedHashMap<>();
    FOLDERS.forEach(folder -> files.put(folder, read(folder + name)));
    return files;
  }

  /// Where a file lies, for a reader of the library.
  public static Path path(String name) {
    if (FOLDER != null && Files.exists(Path.of(FOLDER, name))) {
      return Path.of(FOLDER, name);
    }
    try {
      return Path.of(GoldenFile.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  /// The hyper-parameters behind the values.
  public static Map<String, Object> manifest() {
    return manifest("manifest.json");
  }

  /// What a JSON file of the test resources says of the values beside it.
  public static Map<String, Object> manifest(String name) {
    return object(parse(new String(bytes(name), StandardCharsets.UTF_8)));
  }

  /// The numbers of a JSON object by their names.
  public static Map<String, Double> numbers(Object value) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    object(value).forEach((name, number) -> numbers.put(name, ((Number) number).doubleValue()));
    return numbers;
  }

  /// The names of the tensors.
  public Set<String> names() {
    return header.keySet();
  }

  /// The sizes of a tensor.
  public int[] shape(String name) {
    List<?> sizes = (List<?>) object(header.get(name)).get("shape");
    return sizes.stream().mapToInt(size -> ((Number) size).intValue()).toArray();
  }

  public double[] doubles(String name) {
    ByteBuffer bytes = bytes(name, "F64", Double.BYTES);
    double[] values = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(values);
    return values;
  }

  public float[] floats(String name) {
    ByteBuffer bytes = bytes(name, "F32", Float.BYTES);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  public int[] classes(String name) {
    ByteBuffer bytes = bytes(name, "I64", Long.BYTES);
    int[] values = new int[bytes.remaining() / Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.toIntExact(bytes.getLong(i * Long.BYTES));
    }
    return values;
  }

  private ByteBuffer bytes(String name, String type, int alignment) {
    Map<String, Object> tensor = object(header.get(name));
    if (tensor == null || !tensor.get("dtype").equals(type)) {
      throw new IllegalArgumentException("no " + type + " tensor " + name + " but " + tensor);
    }
    List<?> ends = (List<?>) tensor.get("data_offsets");
    int from = ((Number) ends.get(0)).intValue();
    int to = ((Number) ends.get(1)).intValue();
    if ((to - from) % alignment != 0) {
      throw new IllegalArgumentException(name + " is cut");
    }
    return data.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  @SuppressWarnings("unchecked") // JSON objects have string keys
  public static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  private static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object parse(String json) {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      parser.nextToken();
      return value(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          object.put(name, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        yield array;
      }
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }
}
