package io.github.lanewise.bench.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A value in a JSON file.
///
/// It knows its place in the file, so that a message can name what is missing or of the wrong kind.
/// Places are written as the tool `jq` writes them: `.rows[0].what`.
final class Json {
  private static final int SHOWN_CHARS = 60;

  private final Path file;
  private final String place;

  /// A map of an object's members, a list of an array's items, or the text of anything else.
  private final Object value;

  private Json(Path file, String place, Object value) {
    this.file = file;
    this.place = place;
    this.value = value;
  }

  /// Reads the one value of a file.
  ///
  /// @throws FileException if the file cannot be read, or is not JSON
  static Json read(Path file) throws FileException {
    if (!Files.exists(file)) {
      throw new FileException(file, "no such file");
    }
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      if (parser.nextToken() == null) {
        throw new FileException(file, "is empty");
      }
      Object value = value(parser);
      if (parser.nextToken() != null) {
        int line = parser.currentTokenLocation().getLineNr();
        throw new FileException(file, "line " + line + ": has more than one JSON value");
      }
      return new Json(file, "", value);
    } catch (JsonProcessingException e) {
      String problem = "line " + e.getLocation().getLineNr() + ": is not JSON: ";
      throw new FileException(file, problem + e.getOriginalMessage(), e);
    } catch (FileException e) {
      throw e;
    } catch (IOException e) {
      throw new FileException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> members = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        members.put(key, value(parser));
      }
      return members;
    }
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(value(parser));
      }
      return items;
    }
    return parser.getText();
  }

  /// Returns a member of this object.
  ///
  /// @throws FileException if this is no object, or has no such member
  Json get(String key) throws FileException {
    if (!(value instanceof Map<?, ?> members)) {
      throw wrong("must be an object");
    }
    Json member = new Json(file, place + "." + key, members.get(key));
    if (member.value == null) {
      throw new FileException(file, member.place + " is missing");
    }
    return member;
  }

  /// Returns the items of this array.
  ///
  /// @throws FileException if this is no array, or an empty one
  List<Json> items() throws FileException {
    if (!(value instanceof List<?> list)) {
      throw wrong("must be an array");
    }
    if (list.isEmpty()) {
      throw wrong("must have items");
    }
    List<Json> items = new ArrayList<>();
    for (Object item : list) {
      items.add(new Json(file, (place.isEmpty() ? "." : place) + "[" + items.size() + "]", item));
    }
    return items;
  }

  /// Returns the text of a string, a number or a literal.
  ///
  /// @throws FileException if this is an object or an array
  String text() throws FileException {
    if (!(value instanceof String text)) {
      throw wrong("must be a string");
    }
    return text;
  }

  /// Returns a number of at least 0, which may stand in a string.
  ///
  /// @throws FileException if this is none
  double number() throws FileException {
    try {
      double number = Double.parseDouble(text());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong("must be a number", e);
    }
    throw wrong("must be a number of at least 0");
  }

  /// Returns a whole number of at least 1, which may stand in a string.
  ///
  /// @throws FileException if this is none
  int count() throws FileException {
    try {
      int count = Integer.parseInt(text());
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw wrong("must be a whole number", e);
    }
    throw wrong("must be at least 1");
  }

  /// Requires the text of this value.
  ///
  /// @throws FileException if it is another
  void require(String needed) throws FileException {
    if (!text().equals(needed)) {
      throw wrong("must be '" + needed + "'");
    }
  }

  /// The exception for this value, which is not what it must be.
  FileException wrong(String must) {
    return wrong(must, null);
  }

  private FileException wrong(String must, Throwable cause) {
    String is = "'" + shortened(String.valueOf(value)) + "'";
    if (value instanceof Map) {
      is = "an object";
    } else if (value instanceof List<?> list) {
      is = list.isEmpty() ? "an empty array" : "an array";
    }
    String where = place.isEmpty() ? "the top level" : place;
    return new FileException(file, where + " is " + is + ", " + must, cause);
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
  }

  @Override
  public String toString() {
    return place + " = " + value;
  }
}
