package io.github.lanewise.optim;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// PyTorch's trajectories, from `optimizers.safetensors`, and their settings, from `manifest.json`.
final class Golden {
  private static final ByteBuffer FILE =
      ByteBuffer.wrap(bytes("optimizers.safetensors")).order(ByteOrder.LITTLE_ENDIAN);
  private static final int HEADER_BYTES = Math.toIntExact(FILE.getLong(0));
  private static final Map<?, ?> HEADER =
      (Map<?, ?>) json(bytes("optimizers.safetensors"), Long.BYTES, HEADER_BYTES);

  private Golden() {}

  /// An optimizer that PyTorch ran.
  ///
  /// @param index of the run, which begins the names of its tensors
  /// @param name PyTorch's class name
  /// @param matrix whether it ran on the parameters that have rows and columns
  /// @param params all its arguments, by PyTorch's names
  record Configuration(int index, String name, boolean matrix, Map<?, ?> params) {
    /// Begins the names of the tensors that the run put out.
    String prefix() {
      return index + "." + name;
    }

    /// Begins the names of the tensors that the run took in.
    String inputs() {
      return matrix ? "matrix." : "";
    }

    double number(String key) {
      return ((Number) params.get(key)).doubleValue();
    }

    double beta(int i) {
      return ((Number) ((List<?>) params.get("betas")).get(i)).doubleValue();
    }

    boolean flag(String key) {
      return (Boolean) params.get(key);
    }

    @Override
    public String toString() {
      return prefix() + params;
    }
  }

  static List<Configuration> configurations() {
    byte[] manifest = bytes("manifest.json");
    Map<?, ?> all = (Map<?, ?>) json(manifest, 0, manifest.length);
    List<Configuration> configurations = new ArrayList<>();
    for (Object entry : (List<?>) all.get("optimizers")) {
      Map<?, ?> of = (Map<?, ?>) entry;
      configurations.add(
          new Configuration(
              ((Number) of.get("index")).intValue(),
              (String) of.get("optimizer"),
              (Boolean) of.get("matrix"),
              (Map<?, ?>) of.get("params")));
    }
    return configurations;
  }

  static List<String> names() {
    return HEADER.keySet().stream().map(String.class::cast).toList();
  }

  /// All elements of an F32 tensor, row after row.
  static float[] tensor(String name) {
    Map<?, ?> entry = (Map<?, ?>) HEADER.get(name);
    List<?> offsets = (List<?>) entry.get("data_offsets");
    int begin = ((Number) offsets.get(0)).intValue();
    int end = ((Number) offsets.get(1)).intValue();
    float[] values = new float[(end - begin) / Float.BYTES];
    ByteBuffer data = FILE.slice(Long.BYTES + HEADER_BYTES + begin, end - begin);
    data.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static byte[] bytes(String file) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object json(byte[] text, int from, int length) {
    try (JsonParser parser = new JsonFactory().createParser(text, from, length)) {
      parser.nextToken();
      return value(parser);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> map(parser);
      case START_ARRAY -> list(parser);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  private static Map<String, Object> map(JsonParser parser) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      map.put(key, value(parser));
    }
    return map;
  }

  private static List<Object> list(JsonParser parser) throws IOException {
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(parser));
    }
    return list;
  }
}
