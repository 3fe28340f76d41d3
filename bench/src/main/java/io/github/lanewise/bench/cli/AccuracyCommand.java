package io.github.lanewise.bench.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.lanewise.bench.accuracy.ErrorMeter;
import io.github.lanewise.bench.accuracy.JdkFunction;
import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.bench.accuracy.Survey;
import io.github.lanewise.nn.io.AtomicFile;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures how far the elementwise functions are from the exact values.
@Command(
    name = "accuracy",
    description = {
      "Measures the largest and the mean error of the elementwise functions.",
      "An error is the distance from a double-precision reference, in units in the last place of"
          + " the exact value (ulp). A result is incorrectly rounded if it is not the float nearest"
          + " to the exact value. Where the reference is closer to the middle between two floats"
          + " than its own error, which is 2^-49 of the value (2^-44 for gelu_tanh), the result"
          + " counts as undecided instead.",
      "Two columns compare: the largest error of the JDK's own vector function, measured on at most"
          + " each 65th float, and the bound that SLEEF publishes for its function in PyTorch."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = Lanewise.Version.class)
final class AccuracyCommand implements Callable<Integer> {
  /// PyTorch computes these with functions of SLEEF whose published error is 1.0 ulp. For others
  /// there is no published bound.
  private static final Set<String> SLEEF_U10 =
      Set.of("exp", "expm1", "log", "log1p", "tanh", "erf");

  private static final int RIVAL_STRIDE = 65;
  private static final long ALL = 1L << 32;
  private static final long DEFAULT_SAMPLE = 1L << 22;

  private final PrintStream out;

  @Spec CommandSpec spec;

  @Option(
      names = "--functions",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = Names.class,
      description = "which functions, as in exp,tanh; all by default: ${COMPLETION-CANDIDATES}")
  List<String> functions = List.of();

  @ArgGroup Extent extent = new Extent();

  @Option(names = "--json", paramLabel = "FILE", description = "a file for the figures")
  Path reportFile;

  @Option(
      names = "--plots",
      paramLabel = "DIR",
      description = "a directory for plots of the errors")
  Path plots;

  AccuracyCommand(PrintStream out) {
    this.out = out;
  }

  /// The names for `--help`.
  private static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Ops.defaults().stream().map(Op::name).iterator();
    }
  }

  /// How many floats each function is measured on.
  static final class Extent {
    @Option(names = "--exhaustive", description = "all 2^32 floats")
    boolean exhaustive;

    @Option(
        names = "--sample",
        paramLabel = "N",
        description = "about N floats, spread evenly over their bit patterns (default: 4194304)")
    long sample = DEFAULT_SAMPLE;
  }

  @Override
  public Integer call() throws FileException {
    List<Op> ops = select();
    int stride = stride();
    if (reportFile != null) {
      AtomicFile.requireTarget(reportFile);
    }
    out.println(Lanewise.platform(spec));
    out.printf(
        "%-12s %13s %9s %15s %9s %19s %10s %9s %9s%n",
        "function",
        "inputs",
        "max ulp",
        "worst input",
        "mean ulp",
        "incorrectly rounded",
        "undecided",
        "JDK ulp",
        "PyTorch");
    Map<Op, Measured> rows = new LinkedHashMap<>();
    for (Op op : ops) {
      Measured row = measure(op, stride);
      rows.put(op, row);
      print(op, row);
      if (plots != null) {
        plot(op, row.errors);
      }
    }
    if (plots != null) {
      out.println("error plots: " + plots.toAbsolutePath());
    }
    if (reportFile != null) {
      AtomicFile.write(reportFile, to -> writeJson(rows, to));
    }
    return 0;
  }

  /// The figures of a function.
  ///
  /// @param jdkUlp the largest error of the JDK's function; null if it has none
  /// @param pytorchUlp the published bound of PyTorch's; null if there is none
  private record Measured(ErrorMeter errors, Double jdkUlp, Double pytorchUlp) {}

  private static Measured measure(Op op, int stride) {
    ErrorMeter errors = Survey.measure(op.activation()::forward, op, stride);
    JdkFunction rival = JdkFunction.named(op.name());
    Double jdkUlp =
        rival == null
            ? null
            : Survey.measure(rival::run, op, Math.max(stride, RIVAL_STRIDE)).maxUlp();
    return new Measured(errors, jdkUlp, SLEEF_U10.contains(op.name()) ? 1.0 : null);
  }

  private List<Op> select() {
    List<Op> all = Ops.defaults();
    if (functions.isEmpty()) {
      return all;
    }
    List<Op> selected = new ArrayList<>();
    for (String name : functions) {
      selected.add(
          all.stream()
              .filter(op -> op.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "--functions has '%s', must be of %s".formatted(name, all))));
    }
    return selected;
  }

  /// The distance between the bit patterns of two inputs. It is odd, so that the low bits of the
  /// inputs vary too.
  private int stride() {
    if (extent.exhaustive) {
      return 1;
    }
    if (extent.sample < 1 || extent.sample > ALL) {
      throw new ParameterException(
          spec.commandLine(), "--sample is " + extent.sample + ", must be from 1 to " + ALL);
    }
    return (int) Math.min(ALL / extent.sample, Integer.MAX_VALUE) | 1;
  }

  private void print(Op op, Measured row) {
    ErrorMeter errors = row.errors;
    out.printf(
        Locale.ROOT,
        "%-12s %,13d %9.3f %15s %9.3f %,19d %,10d %9s %9s%n",
        op.name(),
        errors.inputs(),
        errors.maxUlp(),
        errors.worstInput(),
        errors.meanUlp(),
        errors.incorrectlyRounded(),
        errors.undecided(),
        shown("%.3f", row.jdkUlp),
        shown("%.1f", row.pytorchUlp));
  }

  private static String shown(String format, Double figure) {
    return figure == null ? "-" : String.format(Locale.ROOT, format, figure);
  }

  private void plot(Op op, ErrorMeter errors) throws FileException {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(400)
            .title(op.name() + ": largest error in each power of two")
            .xAxisTitle("exponent of the input")
            .yAxisTitle("ulp")
            .build();
    double[] exponents = new double[255];
    double[] positive = new double[255];
    double[] negative = new double[255];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = i - 127;
      positive[i] = plottable(errors.maxUlp(false, i - 127));
      negative[i] = plottable(errors.maxUlp(true, i - 127));
    }
    chart.addSeries("x > 0", exponents, positive).setMarker(SeriesMarkers.NONE);
    chart.addSeries("x < 0", exponents, negative).setMarker(SeriesMarkers.NONE);
    Path file = plots.resolve(op.name() + ".png");
    try {
      Files.createDirectories(plots);
    } catch (IOException e) {
      throw new FileException(plots, "cannot be created", e);
    }
    AtomicFile.write(file, to -> BitmapEncoder.saveBitmap(chart, to, BitmapFormat.PNG));
  }

  /// The error, or for an infinite one, which an axis cannot show, more than any finite one.
  private static double plottable(double ulp) {
    return Double.isInfinite(ulp) ? 0x1p24 : ulp;
  }

  private static void writeJson(Map<Op, Measured> rows, OutputStream to) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(to)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
      json.writeStartArray();
      for (Map.Entry<Op, Measured> row : rows.entrySet()) {
        ErrorMeter errors = row.getValue().errors;
        json.writeStartObject();
        json.writeStringField("function", row.getKey().name());
        json.writeNumberField("inputs", errors.inputs());
        json.writeNumberField("maxUlp", errors.maxUlp());
        json.writeNumberField("meanUlp", errors.meanUlp());
        json.writeNumberField("worstInput", errors.worstInput());
        json.writeNumberField("incorrectlyRounded", errors.incorrectlyRounded());
        json.writeNumberField("undecided", errors.undecided());
        writeNumber(json, "jdkMaxUlp", row.getValue().jdkUlp);
        writeNumber(json, "pytorchBoundUlp", row.getValue().pytorchUlp);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeRaw('\n');
    }
  }

  private static void writeNumber(JsonGenerator json, String name, Double number)
      throws IOException {
    if (number == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, number);
    }
  }
}
