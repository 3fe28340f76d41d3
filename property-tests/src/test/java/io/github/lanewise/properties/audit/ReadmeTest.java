package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.ForkedJvm;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every Java snippet of the README, compiled, run, and held against the text printed below it.
///
/// Each runs in a JVM of its own, as its reader would run it.
class ReadmeTest {
  private static final Pattern SNIPPET =
      Pattern.compile("```java\n(.*?)```\n+```text\n(.*?)```", Pattern.DOTALL);

  private static final String PROGRAM =
      """
      import io.github.lanewise.core.*;
      import io.github.lanewise.nn.*;
      import io.github.lanewise.nn.io.*;
      import io.github.lanewise.nn.io.onnx.*;
      import io.github.lanewise.optim.*;
      import io.github.lanewise.optim.lbfgs.*;
      import io.github.lanewise.optim.rule.*;
      import io.github.lanewise.optim.schedule.*;
      import java.lang.foreign.Arena;
      import java.nio.file.*;
      import java.util.*;

      public class Snippet {
        public static void main(String[] args) throws Exception {
      //SNIPPET
        }
      }
      """;

  @ParameterizedTest
  @MethodSource("snippets")
  void printsWhatTheReadmeSays(Snippet snippet, @TempDir Path directory) throws Exception {
    assertEquals(snippet.output(), run(snippet.code(), directory));
  }

  @Test
  void noSnippetIsWithoutItsOutput() throws IOException {
    assertEquals(count("```java"), snippets().count());
    assertTrue(count("```java") >= 4, "the tour has at least four snippets");
  }

  static Stream<Snippet> snippets() throws IOException {
    List<Snippet> snippets = new ArrayList<>();
    Matcher matcher = SNIPPET.matcher(readme());
    while (matcher.find()) {
      snippets.add(new Snippet(matcher.group(1), matcher.group(2)));
    }
    return snippets.stream();
  }

  /// A snippet of the README and the text below it.
  record Snippet(String code, String output) {}

  private static String run(String code, Path directory) throws Exception {
    Path source = directory.resolve("Snippet.java");
    Files.writeString(source, PROGRAM.replace("//SNIPPET", code));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, messages, messages, "-cp", classPath, source.toString());
    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));

    Path errors = directory.resolve("errors");
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                ForkedJvm.VECTOR_MODULE,
                "-cp",
                directory + File.pathSeparator + classPath,
                "Snippet")
            .redirectError(errors.toFile())
            .start();
    String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, java.waitFor(), () -> printed + content(errors));
    return printed;
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int count(String text) throws IOException {
    return readme().split(Pattern.quote(text), -1).length - 1;
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("..", "README.md"));
  }
}
