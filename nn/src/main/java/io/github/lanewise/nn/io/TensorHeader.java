package io.github.lanewise.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.lanewise.core.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The header of a safetensors file, checked in full before any tensor is allocated.
///
/// The grammar is that of the format's own reader (huggingface/safetensors, `tensor.rs`). It is
/// stricter where two readers could find different content in one file: a duplicate key and an
/// unknown key are refused.
///
/// @param tensors in the order of their bytes; together they cover the data exactly
/// @param metadata all entries, in the order of the file
record TensorHeader(List<Tensor> tensors, Map<String, String> metadata) {
  /// The key under which a header holds strings instead of a tensor.
  static final String METADATA = "__metadata__";

  /// The most dimensions that a tensor of PyTorch can have.
  private static final int MAX_RANK = 64;

  /// Names are not interned: names from other people's files would stay for the life of the JVM.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /// One tensor: bytes `begin` to `end` of the data.
  record Tensor(String name, ElementType type, Shape shape, long begin, long end) {}

  /// Reads the header of a file that has `dataBytes` bytes after it.
  ///
  /// @throws FileException if the header breaks a rule of the format
  static TensorHeader parse(Path file, byte[] header, long dataBytes) throws FileException {
    if (header.length == 0 || header[0] != '{') {
      throw new FileException(file, "the header does not begin with {");
    }
    // Java decodes UTF-8 and not Jackson, which accepts UTF-16 and overlong forms of characters.
    // The format's own reader refuses both.
    var characters =
        new InputStreamReader(
            new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder());
    try (JsonParser json = JSON.createParser(characters)) {
      TensorHeader result = new Reader(file, json).header();
      requireExactCover(file, result.tensors, dataBytes);
      return result;
    } catch (CharacterCodingException e) {
      throw new FileException(file, "the header is not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new FileException(
          file,
          "the header is not JSON at character %d: %s"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getCharOffset(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  /// Requires that the tensors leave no hole and do not overlap. Bytes that no tensor owns could
  /// hide content that only another program reads.
  private static void requireExactCover(Path file, List<Tensor> tensors, long dataBytes)
      throws FileException {
    long covered = 0;
    for (Tensor tensor : tensors) {
      if (tensor.begin != covered) {
        throw new FileException(
            file,
            "tensor %s begins at data byte %d, where byte %d is due"
                .formatted(FileException.shown(tensor.name), tensor.begin, covered));
      }
      covered = tensor.end;
    }
    if (covered != dataBytes) {
      throw new FileException(
          file, "has %d bytes of data, its tensors take %d".formatted(dataBytes, covered));
    }
  }

  /// Walks over the tokens of the JSON.
  private static final class Reader {
    private final Path file;
    private final JsonParser json;

    Reader(Path file, JsonParser json) {
      this.file = file;
      this.json = json;
    }

    TensorHeader header() throws IOException {
      List<Tensor> tensors = new ArrayList<>();
      Map<String, String> metadata = Map.of();
      require(JsonToken.START_OBJECT, "the header");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (name.equals(METADATA)) {
          metadata = metadata();
        } else {
          tensors.add(tensor(name));
        }
      }
      if (json.nextToken() != null) {
        throw new FileException(
            file, "the header goes on after its last }, with " + json.currentToken());
      }
      tensors.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
      return new TensorHeader(tensors, metadata);
    }

    private Map<String, String> metadata() throws IOException {
      Map<String, String> metadata = new LinkedHashMap<>();
      require(JsonToken.START_OBJECT, METADATA);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        metadata.put(key, string(METADATA + " entry " + FileException.shown(key)));
      }
      return metadata;
    }

    private Tensor tensor(String name) throws IOException {
      String owner = "tensor " + FileException.shown(name);
      String dtype = null;
      long[] sizes = null;
      long[] offsets = null;
      require(JsonToken.START_OBJECT, owner);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        switch (key) {
          case "dtype" -> dtype = string(owner + " dtype");
          case "shape" -> sizes = numbers(owner + " shape", MAX_RANK);
          case "data_offsets" -> offsets = numbers(owner + " data_offsets", 2);
          default ->
              throw new FileException(
                  file, owner + " has the unknown key " + FileException.shown(key));
        }
      }
      if (dtype == null || sizes == null || offsets == null || offsets.length != 2) {
        throw new FileException(file, owner + " needs a dtype, a shape and two data_offsets");
      }
      return tensor(owner, name, dtype, sizes, offsets[0], offsets[1]);
    }

    private Tensor tensor(
        String owner, String name, String dtype, long[] sizes, long begin, long end)
        throws FileException {
      ElementType type =
          ElementType.named(dtype)
              .orElseThrow(
                  () ->
                      new FileException(
                          file,
                          "%s has dtype %s; Lanewise reads %s"
                              .formatted(
                                  owner,
                                  FileException.shown(dtype),
                                  Arrays.toString(ElementType.values()))));
      try {
        Shape shape = Shape.of(sizes);
        long bytes = Math.multiplyExact(shape.elements(), type.bytes());
        if (end < begin || end - begin != bytes) {
          throw new FileException(
              file,
              "%s has data_offsets [%d, %d], but its %d elements of %s take %d bytes"
                  .formatted(owner, begin, end, shape.elements(), type, bytes));
        }
        return new Tensor(name, type, shape, begin, end);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new FileException(
            file, owner + " has shape " + Arrays.toString(sizes) + ", too large to count", e);
      }
    }

    private String string(String owner) throws IOException {
      require(JsonToken.VALUE_STRING, owner);
      return json.getText();
    }

    private long[] numbers(String owner, int limit) throws IOException {
      long[] numbers = new long[limit];
      int n = 0;
      require(JsonToken.START_ARRAY, owner);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (n == limit) {
          throw new FileException(file, owner + " has more than " + limit + " numbers");
        }
        numbers[n++] = count(owner);
      }
      return Arrays.copyOf(numbers, n);
    }

    /// Returns the current token as a count: digits only, and at most 2^63 - 1.
    private long count(String owner) throws IOException {
      String text = json.currentToken() == null ? "nothing" : json.getText();
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
          || json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || text.startsWith("-")) {
        throw new FileException(file, owner + " has " + FileException.shown(text) + ", no count");
      }
      return json.getLongValue();
    }

    private void require(JsonToken token, String owner) throws IOException {
      JsonToken found = json.nextToken();
      if (found != token) {
        throw new FileException(file, "%s is %s, not %s".formatted(owner, found, token));
      }
    }
  }
}
