package io.github.lanewise.properties.support;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The compiled classes of the project's modules.
public final class Modules {
  public static final List<String> NAMES =
      List.of("vector-core", "nn", "optim", "bench", "property-tests");

  private static final String CORE = "io.github.lanewise.core";

  private Modules() {}

  /// The directory of the project. Tests run in that of their module.
  public static Path root() {
    String module = System.getProperty("basedir", System.getProperty("user.dir"));
    return Path.of(module).toAbsolutePath().getParent();
  }

  public static List<ClassModel> classes(String module) throws IOException {
    return read(root().resolve(module).resolve("target/classes"));
  }

  public static List<ClassModel> testClasses(String module) throws IOException {
    Path directory = root().resolve(module).resolve("target/test-classes");
    return Files.exists(directory) ? read(directory) : List.of();
  }

  /// The public classes of the packages that the modules export.
  public static List<Class<?>> exportedClasses(String... modules) throws IOException {
    List<Class<?>> exported = new ArrayList<>();
    for (String module : modules) {
      Path classes = root().resolve(module).resolve("target/classes");
      ModuleDescriptor descriptor;
      try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
        descriptor = ModuleDescriptor.read(in);
      }
      Set<String> packages = new HashSet<>();
      descriptor.exports().stream()
          .filter(exports -> !exports.isQualified())
          .forEach(exports -> packages.add(exports.source()));
      for (ClassModel model : classes(module)) {
        if (packages.contains(packageName(model)) && model.flags().has(AccessFlag.PUBLIC)) {
          exported.add(load(name(model)));
        }
      }
    }
    return exported;
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, Modules.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(name + " is not on the class path", e);
    }
  }

  /// The class's name in Java, such as `io.github.lanewise.core.FloatArray`.
  public static String name(ClassModel model) {
    return model.thisClass().asInternalName().replace('/', '.');
  }

  public static String packageName(ClassModel model) {
    String name = name(model);
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /// The classes of vector-core's hidden packages: kernels, their mathematics and what they stand
  /// on.
  public static List<ClassModel> kernelClasses() throws IOException {
    return classes("vector-core").stream().filter(Modules::isKernel).toList();
  }

  /// Whether a class stands in a hidden package of vector-core.
  public static boolean isKernel(ClassModel model) {
    return packageName(model).startsWith(CORE + ".");
  }

  /// The instructions of a method and the labels between them; none of an abstract one.
  public static List<CodeElement> code(MethodModel method) {
    List<CodeElement> elements = new ArrayList<>();
    method.code().ifPresent(code -> code.forEach(elements::add));
    return elements;
  }

  /// The name of a method with its class in front.
  public static String where(ClassModel model, MethodModel method) {
    return name(model) + "." + method.methodName().stringValue();
  }

  private static List<ClassModel> read(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(directory)) {
      files = all.filter(file -> file.toString().endsWith(".class")).sorted().toList();
    }
    List<ClassModel> models = new ArrayList<>();
    for (Path file : files) {
      if (!file.endsWith("module-info.class") && !file.endsWith("package-info.class")) {
        models.add(ClassFile.of().parse(file));
      }
    }
    if (models.isEmpty()) {
      throw new IOException("no classes in " + directory);
    }
    return models;
  }
}
