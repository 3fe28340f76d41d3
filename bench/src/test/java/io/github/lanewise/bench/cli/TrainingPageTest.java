package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page of `train --report`: every figure of it is that of the JSON.
final class TrainingPageTest {
  @TempDir Path directory;

  private PageReader reader;

  /// Trains, and returns the page.
  private String page(String options) throws IOException {
    var out = new ByteArrayOutputStream();
    PrintStream printed = new PrintStream(out, true, UTF_8);
    String command =
        "train --hidden 6,5 --lr 0.05 --report @deep/page --json @figures.json " + options;
    int exitCode =
        Lanewise.run(printed, printed, false, command.replace("@", directory + "/").split(" ", -1));
    assertEquals(0, exitCode, out.toString(UTF_8));
    Path page = directory.resolve("deep/page/index.html");
    assertTrue(out.toString(UTF_8).contains("page written to " + page), out.toString(UTF_8));
    reader = new PageReader(directory.resolve("figures.json"));
    return Files.readString(page);
  }

  @BeforeEach
  void writeRows() throws IOException {
    var random = new SplittableRandom(3);
    StringBuilder classes = new StringBuilder("a,b,kind\n");
    StringBuilder values = new StringBuilder("a,b,sum,1e6 times\n");
    StringBuilder labels = new StringBuilder("a,b,left,never\n");
    for (int i = 0; i < 1500; i++) {
      double a = random.nextDouble();
      double b = random.nextDouble();
      String kind = a + 0.2 * b < 0.5 ? "<small> & 'round'" : b < 0.5 ? "flat" : "3";
      classes.append("%s,%s,%s\n".formatted(a, b, kind));
      values.append("%s,%s,%s,%s\n".formatted(a, b, a + b, 1e6 * a * b));
      labels.append("%s,%s,%d,0\n".formatted(a, b, a < 0.5 ? 1 : 0));
    }
    Files.writeString(directory.resolve("classes.csv"), classes);
    Files.writeString(directory.resolve("values.csv"), values);
    Files.writeString(directory.resolve("labels.csv"), labels);
  }

  private void requireSeen(List<String> places) {
    for (String place : places) {
      assertTrue(reader.seen().contains(place), place + " is not among " + reader.seen());
    }
  }

  @Test
  void showsCurvesAndTheConfusionOfClasses() throws Exception {
    String page =
        page(
            "--train @classes.csv --test @classes.csv --epochs 9 --validation 0.2 --weight-decay"
                + " 0.01 --optimizer adamw --schedule cosine --activation tanh");
    int cells = reader.checkCells(page);
    assertEquals(8 + 3 * 5 + 18 + 8, cells, "figures, classes, options, settings of AdamW");
    assertEquals(2 + 1 + 9, reader.checkCharts(page), "two lines, a dot, the counts");
    requireSeen(
        List.of(
            ".curve.loss",
            ".curve.validationLoss",
            ".bestLoss",
            ".testAccuracy",
            ".classes[2].precision",
            ".settings.schedule",
            ".settings.weightDecay",
            ".optimizerSettings.beta2"));
    assertEquals("6,5", reader.at(".settings.hidden"));
    assertEquals("0.05", reader.at(".optimizerSettings.lr"));
    double[] judged = reader.numbers(".curve.validationLoss");
    assertEquals(9, judged.length);
    int best = (int) reader.numbers(".bestEpoch")[0];
    assertEquals(DoubleStream.of(judged).min().orElseThrow(), judged[best - 1]);
    assertEquals(judged[best - 1], reader.numbers(".bestLoss")[0]);
    double rows = 0;
    for (int i = 0; i < 3; i++) {
      double[] row = reader.numbers(".confusion[" + i + "]");
      double sum = row[0] + row[1] + row[2];
      assertEquals(reader.numbers(".classes[" + i + "].rows")[0], sum);
      assertEquals(reader.numbers(".classes[" + i + "].right")[0], row[i]);
      assertEquals(reader.numbers(".classes[" + i + "].recall")[0], row[i] / sum);
      rows += sum;
    }
    assertEquals(1500, rows);
    assertEquals(reader.at(".classes[0].name"), "3");
    assertTrue(page.contains("&lt;small&gt; &amp; &#39;round&#39;"), page);
    assertTrue(page.contains((String) reader.at(".version")), page);
    assertTrue(page.contains((String) reader.at(".machine")), page);
    assertTrue(page.contains((String) reader.at(".network")), page);
  }

  @Test
  void showsPredictedAgainstTrueValues() throws Exception {
    String page =
        page("--task regression --targets 2 --train @values.csv --test @values.csv --epochs 1");
    reader.checkCells(page);
    assertEquals(1 + 1 + 2 * (1 + 1000), reader.checkCharts(page), "the curve, lines and dots");
    requireSeen(List.of(".predictions[0].target", ".predictions[1].rmse", ".testRmse"));
    double all = reader.numbers(".testRmse")[0];
    double first = reader.numbers(".predictions[0].rmse")[0];
    double second = reader.numbers(".predictions[1].rmse")[0];
    assertEquals(all, Math.sqrt((first * first + second * second) / 2), 1e-9 * all);
  }

  @Test
  void showsEachLabelAndADashForWhatIsUndefined() throws Exception {
    String page =
        page("--task multilabel --targets 2 --train @labels.csv --test @labels.csv --epochs 40");
    reader.checkCells(page);
    assertEquals(2, reader.checkCharts(page), "the curve and its dot");
    requireSeen(List.of(".labels[0].precision", ".labels[1].recall", ".testLabelAccuracy"));
    assertEquals("null", reader.at(".labels[1].recall"));
    assertTrue(page.contains("<td data-json='.labels[1].recall'>-</td>"), page);
  }

  @Test
  void needsNoOtherFile() throws IOException {
    String page = page("--epochs 1").replace("http://www.w3.org/2000/svg", "");
    for (String part : List.of("http:", "https:", "@import", "src=", "fetch", "import(")) {
      assertFalse(page.contains(part), "the page has " + part);
    }
    assertTrue(page.contains("prefers-color-scheme: dark"), page);
  }
}
