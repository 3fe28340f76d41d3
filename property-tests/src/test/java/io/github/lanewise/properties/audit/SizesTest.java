package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a reader has to hold in mind at once stays small: read from the main sources.
class SizesTest {
  private static final int CLASSES_OF_A_PACKAGE = 30;
  private static final int LINES_OF_A_CLASS = 350;
  private static final int LINES_OF_A_METHOD = 60;

  /// `FloatArray` shows its memory to `core` alone, so all that opens it lives there.
  private static final Map<String, Integer> CLASSES_OF_LARGER_PACKAGES = Map.of("core", 38);

  /// A catalogue, of which a reader takes one entry at a time: a constant for each activation.
  private static final Map<String, Integer> LINES_OF_LARGER_CLASSES =
      Map.of("Activation.java", 490);

  /// A tile of a product is straight-line code, some lines for each register.
  private static final Pattern TILE = Pattern.compile("tile\\dx\\d");

  private static final int LINES_OF_A_TILE = 70;

  private static final List<Path> FILES = new ArrayList<>();

  @BeforeAll
  static void find() throws IOException {
    for (String module : List.of("vector-core", "nn", "optim", "bench")) {
      try (Stream<Path> all = Files.walk(Modules.root().resolve(module).resolve("src/main/java"))) {
        all.filter(file -> file.toString().endsWith(".java")).sorted().forEach(FILES::add);
      }
    }
    assertTrue(FILES.size() > 100, () -> "only " + FILES.size() + " files of main sources");
  }

  @Test
  void noPackageHasMoreThan30Classes() {
    Map<String, Integer> classes = new TreeMap<>();
    for (Path file : FILES) {
      if (!Set.of("package-info.java", "module-info.java")
          .contains(file.getFileName().toString())) {
        classes.merge(file.getParent().toString(), 1, Integer::sum);
      }
    }
    Set<String> found = new TreeSet<>();
    classes.forEach(
        (directory, count) -> {
          String name = Path.of(directory).getFileName().toString();
          if (count > CLASSES_OF_LARGER_PACKAGES.getOrDefault(name, CLASSES_OF_A_PACKAGE)) {
            found.add(directory + ": " + count);
          }
        });
    assertEquals(Set.of(), found);
  }

  @Test
  void noClassHasMoreThan350Lines() throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path file : FILES) {
      int lines = Files.readAllLines(file).size();
      String name = file.getFileName().toString();
      if (lines > LINES_OF_LARGER_CLASSES.getOrDefault(name, LINES_OF_A_CLASS)) {
        found.add(file.getFileName() + ": " + lines);
      }
    }
    assertEquals(Set.of(), found);
  }

  @Test
  void noMethodHasMoreThan60Lines() throws IOException {
    Set<String> found = new TreeSet<>();
    int[] methods = {0};
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(FILES));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        LineMap lines = unit.getLineMap();
        new TreeScanner<Void, Void>() {
          @Override
          public Void visitMethod(MethodTree method, Void none) {
            long first = lines.getLineNumber(positions.getStartPosition(unit, method));
            long last = lines.getLineNumber(positions.getEndPosition(unit, method));
            methods[0]++;
            boolean isTile = TILE.matcher(method.getName()).matches();
            if (last - first + 1 > (isTile ? LINES_OF_A_TILE : LINES_OF_A_METHOD)) {
              Path file = Path.of(unit.getSourceFile().getName()).getFileName();
              found.add(file + " " + method.getName() + ": " + (last - first + 1));
            }
            return super.visitMethod(method, null);
          }
        }.scan(unit, null);
      }
    }
    assertTrue(methods[0] > 500, () -> "only " + methods[0] + " methods were read");
    assertEquals(Set.of(), found);
  }
}
