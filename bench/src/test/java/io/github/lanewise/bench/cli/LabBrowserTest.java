package io.github.lanewise.bench.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The page of the optimizer lab in a headless Chromium, which the profile `browser` asks for.
///
/// The page forbids the browser to load anything, so that an attempt is an error in its console.
@Tag("browser")
final class LabBrowserTest {
  private static final int HEIGHT = 3000;

  @TempDir static Path directory;

  private static String page;

  @BeforeAll
  static void makePage() throws IOException {
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, UTF_8);
    String command =
        "optimizers --problem rosenbrock,logistic --optimizers sgd,adam,lion --steps 100 --out ";
    String[] words = (command + directory.resolve("lab")).split(" ", -1);
    assertEquals(0, Lanewise.run(out, out, false, words));
    page = Files.readString(directory.resolve("lab/index.html"));
  }

  private record Outcome(String dom, String console) {}

  private static Outcome open(String html, String... options) throws Exception {
    Path file = Files.writeString(directory.resolve("page.html"), html);
    List<String> command =
        new ArrayList<>(List.of(System.getProperty("lanewise.chromium", "chromium")));
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--enable-logging=stderr",
            "--user-data-dir=" + directory.resolve("profile")));
    command.addAll(List.of(options));
    command.add(file.toUri().toString());
    File dom = directory.resolve("dom.html").toFile();
    File log = directory.resolve("log.txt").toFile();
    Process browser = new ProcessBuilder(command).redirectOutput(dom).redirectError(log).start();
    assertTrue(browser.waitFor(5, TimeUnit.MINUTES), "the browser does not end");
    String console =
        Files.readString(log.toPath(), UTF_8)
            .lines()
            .filter(line -> line.contains("CONSOLE"))
            .collect(Collectors.joining("\n"));
    return new Outcome(Files.readString(dom.toPath(), UTF_8), console);
  }

  private static String withScript(String script) {
    return page.replace("</body>", "<script>" + script + "</script></body>");
  }

  @Test
  void noScriptFailsAndNothingIsLoaded() throws Exception {
    Outcome outcome = open(page, "--dump-dom");
    assertEquals("", outcome.console);
    assertTrue(outcome.dom.contains("</html>"), outcome.dom);
  }

  @Test
  void aScriptThatFailsAndARequestWouldBeSeen() throws Exception {
    assertTrue(open(withScript("nothing.at.all()"), "--dump-dom").console.contains("nothing"));
    String request = page.replace("</body>", "<img src='http://127.0.0.1:9/a.png'></body>");
    assertTrue(open(request, "--dump-dom").console.contains("Content Security Policy"));
  }

  @Test
  void aNameShowsItsLineAlone() throws Exception {
    String click =
        "document.querySelector('.key[data-series=adam]')"
            + ".dispatchEvent(new MouseEvent('click', {bubbles: true}));";
    String dom = open(withScript(click), "--dump-dom").dom;
    assertTrue(dom.contains("class=\"focus\""), "no chart is in focus");
    assertTrue(dom.contains("class=\"key on\" data-series=\"adam\""), "the name is not on");
  }

  @ParameterizedTest
  @CsvSource({"400, light", "400, dark", "1600, light", "1600, dark"})
  void thePageFollowsWidthAndScheme(int width, String scheme) throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "screenshots"));
    Path file = folder.resolve("lab-%d-%s.png".formatted(width, scheme)).toAbsolutePath();
    open(
        page,
        "--blink-settings=preferredColorScheme=" + (scheme.equals("dark") ? 0 : 1),
        "--window-size=%d,%d".formatted(width, HEIGHT),
        "--screenshot=" + file);
    BufferedImage image = ImageIO.read(file.toFile());
    assertEquals(width, image.getWidth());
    int corner = image.getRGB(2, 2) & 0xff;
    assertTrue(scheme.equals("dark") ? corner < 60 : corner > 200, "the corner is " + corner);
  }
}
