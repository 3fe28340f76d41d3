package io.github.lanewise.bench.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Shape;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.nn.io.NpyFile;
import io.github.lanewise.nn.io.Task;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Writes predictions: a row for each row of the data.
///
/// @param model what predicted
/// @param values the outputs of the network, or what they say, row after row
/// @param predicted the class of each row; null if the values are written as they are
@SuppressWarnings("ArrayRecordComponent") // nobody asks whether two are equal
record Predictions(ModelFile model, FloatArray values, int[] predicted) {
  private int outputs() {
    return model.network().outputs();
  }

  private long rows() {
    return values.length() / outputs();
  }

  private boolean areClasses() {
    return predicted != null && model.task() == Task.CLASSIFICATION;
  }

  /// Prints one row a line: the class and its probability, the labels that are more likely there
  /// than not, or the values.
  void print(PrintStream out) {
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < rows(); row++) {
      List<String> fields = new ArrayList<>();
      if (areClasses()) {
        fields.add(model.outputName(predicted[row]));
        fields.add(String.format(Locale.ROOT, "%.4f", value(row, predicted[row])));
      } else {
        for (int i = 0; i < outputs(); i++) {
          if (predicted == null || model.task() == Task.REGRESSION) {
            fields.add(Float.toString(value(row, i)));
          } else if (value(row, i) > 0.5) {
            fields.add(String.format(Locale.ROOT, "%s %.4f", model.outputName(i), value(row, i)));
          }
        }
      }
      lines.append(String.join(areClasses() ? " " : ", ", fields)).append(System.lineSeparator());
    }
    out.print(lines);
  }

  private float value(long row, int output) {
    return values.get(row * outputs() + output);
  }

  /// Writes a file, in the format that its ending says: `.npy`, `.json`, or CSV for any other.
  /// What is no regular file, such as `/dev/stdout`, is written to as it is.
  void write(Path file) throws FileException {
    if (isStream(file)) {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        write(file, out);
      } catch (IOException e) {
        throw FileException.of(file, e);
      }
    } else {
      AtomicFile.write(
          file,
          raw -> {
            OutputStream out = new BufferedOutputStream(raw, 1 << 16);
            write(file, out);
            out.flush();
          });
    }
  }

  /// Whether something other than a regular file or a directory stands there, such as a pipe.
  static boolean isStream(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
  }

  private void write(Path file, OutputStream out) throws IOException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".npy")) {
      NpyFile.write(out, Shape.of(rows(), outputs()), values);
    } else if (name.endsWith(".json")) {
      writeJson(out);
    } else {
      writeCsv(out);
    }
  }

  private List<String> columns() {
    List<String> columns = new ArrayList<>();
    if (areClasses()) {
      return List.of("class", "probability");
    }
    for (int i = 0; i < outputs(); i++) {
      columns.add(model.outputNames().isEmpty() ? "output" + i : model.outputName(i));
    }
    return columns;
  }

  private void writeCsv(OutputStream out) throws IOException {
    Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text);
    csv.writeRecord(columns());
    for (int row = 0; row < rows(); row++) {
      List<String> fields = new ArrayList<>();
      if (areClasses()) {
        fields.add(model.outputName(predicted[row]));
        fields.add(Float.toString(value(row, predicted[row])));
      } else {
        for (int i = 0; i < outputs(); i++) {
          fields.add(Float.toString(value(row, i)));
        }
      }
      csv.writeRecord(fields);
    }
    csv.flush();
  }

  private void writeJson(OutputStream out) throws IOException {
    List<String> columns = columns();
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartArray();
      for (int row = 0; row < rows(); row++) {
        json.writeStartObject();
        if (areClasses()) {
          json.writeStringField("class", model.outputName(predicted[row]));
          json.writeNumberField("probability", value(row, predicted[row]));
        } else {
          for (int i = 0; i < outputs(); i++) {
            json.writeNumberField(columns.get(i), value(row, i));
          }
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeRaw('\n');
    }
  }
}
