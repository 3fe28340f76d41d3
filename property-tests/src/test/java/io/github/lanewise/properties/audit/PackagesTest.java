package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.Modules;
import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The arrows between the packages: each knows only what stands below it, and there is no circle.
class PackagesTest {
  private static final String OURS = "io.github.lanewise.";

  /// A name of ours in a constant: a class's own, or one inside a descriptor or a signature.
  private static final Pattern NAME = Pattern.compile("io/github/lanewise/[\\w/$]+");

  private static final List<String> MODULES = List.of("vector-core", "nn", "optim", "bench");

  /// What each package may use directly; `core` is the facades.
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("core.simd", Set.of()),
          Map.entry("core.math", Set.of("core.simd")),
          Map.entry("core.activation", Set.of("core.math", "core.simd")),
          Map.entry("core.rows", Set.of("core.math", "core.simd")),
          Map.entry("core.loss", Set.of("core.math", "core.simd")),
          Map.entry("core.gemm", Set.of("core.math", "core.simd")),
          Map.entry("core.update", Set.of("core.math", "core.simd")),
          Map.entry(
              "core",
              Set.of(
                  "core.activation",
                  "core.rows",
                  "core.loss",
                  "core.gemm",
                  "core.update",
                  "core.math",
                  "core.simd")),
          Map.entry("nn", Set.of("core")),
          Map.entry("nn.io", Set.of("core", "nn")),
          Map.entry("nn.io.onnx", Set.of("core", "nn", "nn.io")),
          Map.entry("optim.schedule", Set.of()),
          Map.entry("optim.lbfgs", Set.of("core", "optim.schedule")),
          Map.entry("optim.rule", Set.of("core")),
          Map.entry("optim", Set.of("core", "optim.rule", "optim.schedule")),
          Map.entry("bench", Set.of("bench.cli")),
          Map.entry(
              "bench.cli",
              Set.of(
                  "core",
                  "nn",
                  "nn.io",
                  "nn.io.onnx",
                  "optim",
                  "optim.rule",
                  "optim.schedule",
                  "bench.accuracy",
                  "bench.data",
                  "bench.jmh",
                  "bench.lab",
                  "bench.report")),
          Map.entry("bench.accuracy", Set.of("core")),
          Map.entry("bench.report", Set.of()),
          Map.entry(
              "bench.lab",
              Set.of("core", "nn", "nn.io", "optim", "optim.rule", "bench.data", "bench.report")),
          Map.entry("bench.data", Set.of("core", "nn.io")),
          // The suites look inside the core: they measure kernels beside their losing variants.
          Map.entry("bench.jmh", Set.of("core", "core.simd", "nn", "optim", "optim.rule")),
          Map.entry("bench.jmh.attempts", Set.of("core", "core.math", "core.simd", "bench.jmh")));

  private static Map<String, Set<String>> used;

  @BeforeAll
  static void read() throws IOException {
    used = new TreeMap<>();
    for (String module : MODULES) {
      for (ClassModel model : Modules.classes(module)) {
        String from = Modules.packageName(model);
        if (from.endsWith(".jmh_generated")) {
          continue; // written by JMH's annotation processor
        }
        Set<String> packages = used.computeIfAbsent(shortName(from), name -> new TreeSet<>());
        for (String name : mentioned(model)) {
          packages.add(shortName(name.substring(0, name.lastIndexOf('.'))));
        }
        packages.remove(shortName(from));
      }
    }
  }

  @Test
  void aPackageUsesOnlyWhatItMay() {
    Set<String> found = new TreeSet<>();
    used.forEach(
        (from, packages) -> {
          Set<String> others = new TreeSet<>(packages);
          others.removeAll(ARROWS.getOrDefault(from, Set.of()));
          others.forEach(to -> found.add(from + " -> " + to));
        });
    assertEquals(Set.of(), found, "arrows that point up, aside or out of the house");
  }

  @Test
  void everyPackageIsOnTheMap() {
    assertEquals(new TreeSet<>(ARROWS.keySet()), used.keySet());
  }

  @Test
  void thereIsNoCircle() {
    Set<String> found = new TreeSet<>();
    for (String start : used.keySet()) {
      for (String next : used.get(start)) {
        if (reachedFrom(next).contains(start)) {
          found.add(start + " -> " + next);
        }
      }
    }
    assertEquals(Set.of(), found, "arrows that close a circle");
  }

  @Test
  void theArrowsAreSeen() {
    assertTrue(used.get("core").contains("core.activation"), () -> "of " + used);
    assertTrue(used.get("nn").contains("core"), () -> "of " + used);
  }

  private static Set<String> reachedFrom(String start) {
    Set<String> reached = new TreeSet<>(Set.of(start));
    Deque<String> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      for (String next : used.getOrDefault(open.pop(), Set.of())) {
        if (reached.add(next)) {
          open.push(next);
        }
      }
    }
    return reached;
  }

  private static Set<String> mentioned(ClassModel model) {
    Set<String> mentioned = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      String text =
          switch (entry) {
            case ClassEntry type -> type.asInternalName();
            case Utf8Entry utf8 -> utf8.stringValue();
            default -> "";
          };
      Matcher matcher = NAME.matcher(text);
      while (matcher.find()) {
        mentioned.add(matcher.group().replace('/', '.'));
      }
    }
    return mentioned;
  }

  private static String shortName(String packageName) {
    return packageName.substring(Math.min(packageName.length(), OURS.length()));
  }
}
