package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.properties.support.Modules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/// The walls of the house, read from the compiled classes.
class ArchitectureTest {
  private static final String VECTORS = "jdk/incubator/vector/";

  /// What the JDK computes by libraries that differ between CPUs and compilers.
  private static final Set<String> TRANSCENDENTAL =
      Set.of(
          "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "EXP", "LOG", "LOG10", "CBRT", "SINH",
          "COSH", "TANH", "EXPM1", "LOG1P", "HYPOT", "ATAN2", "POW");

  /// Restricted methods, which can crash the JVM or need a flag.
  private static final Set<String> RESTRICTED =
      Set.of(
          "reinterpret",
          "withTargetLayout",
          "downcallHandle",
          "upcallStub",
          "libraryLookup",
          "loadLibrary",
          "enableNativeAccess");

  @Test
  void onlyKernelsAndTheirMathematicsUseTheVectorApi() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : List.of("vector-core", "nn", "optim")) {
      for (ClassModel model : Modules.classes(module)) {
        if (!Modules.isKernel(model) && mentions(model, VECTORS)) {
          found.add(Modules.name(model));
        }
      }
    }
    assertEquals(List.of(), found, "classes that use the Vector API");
  }

  @Test
  void noVectorTypeIsInAPublicSignature() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : List.of("vector-core", "nn", "optim")) {
      for (ClassModel model : Modules.classes(module)) {
        if (!Modules.isKernel(model)) {
          for (MethodModel method : model.methods()) {
            boolean visible =
                method.flags().has(AccessFlag.PUBLIC) || method.flags().has(AccessFlag.PROTECTED);
            if (visible && method.methodType().stringValue().contains(VECTORS)) {
              found.add(Modules.name(model) + "." + method.methodName().stringValue());
            }
          }
          for (FieldModel field : model.fields()) {
            if (field.fieldType().stringValue().contains(VECTORS)) {
              found.add(Modules.name(model) + "." + field.fieldName().stringValue());
            }
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void nothingThatCouldCrashTheJvmIsCalled() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : List.of("vector-core", "nn", "optim", "bench")) {
      for (ClassModel model : Modules.classes(module)) {
        for (PoolEntry entry : model.constantPool()) {
          if (entry instanceof MemberRefEntry member && isRestricted(member)) {
            found.add(Modules.name(model) + " calls " + member.name().stringValue());
          }
          if (entry instanceof ClassEntry type
              && (type.asInternalName().endsWith("misc/Unsafe")
                  || type.asInternalName().startsWith("jdk/internal/"))) {
            found.add(Modules.name(model) + " uses " + type.asInternalName());
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }

  /// What a thread keeps for itself, or a cleaner frees, would be memory behind the caller.
  @Test
  void nothingIsAllocatedBehindTheCaller() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : List.of("vector-core", "nn", "optim")) {
      for (ClassModel model : Modules.classes(module)) {
        for (PoolEntry entry : model.constantPool()) {
          if (entry instanceof ClassEntry type
              && Set.of("java/lang/ThreadLocal", "java/lang/ref/Cleaner", "java/lang/ScopedValue")
                  .contains(type.asInternalName())) {
            found.add(Modules.name(model) + " uses " + type.asInternalName());
          }
          if (entry instanceof MemberRefEntry member
              && member.name().stringValue().equals("ofAuto")) {
            found.add(Modules.name(model) + " calls ofAuto");
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void kernelsAddUpInTheirOwnOrderAndComputeTheirOwnFunctions() throws IOException {
    List<String> found = new ArrayList<>();
    for (ClassModel model : Modules.kernelClasses()) {
      for (MethodModel method : model.methods()) {
        String operator = "";
        for (CodeElement element : Modules.code(method)) {
          if (element instanceof FieldInstruction field
              && field.owner().asInternalName().equals(VECTORS + "VectorOperators")) {
            operator = field.name().stringValue();
            if (TRANSCENDENTAL.contains(operator)) {
              found.add(Modules.where(model, method) + " uses VectorOperators." + operator);
            }
          }
          if (element instanceof InvokeInstruction call) {
            String name = call.name().stringValue();
            String owner = call.owner().asInternalName();
            if (name.startsWith("reduceLanes") && Set.of("ADD", "MUL", "").contains(operator)) {
              found.add(Modules.where(model, method) + " reduces lanes by " + operator);
            }
            if (owner.startsWith(VECTORS) && name.equals("pow")) {
              found.add(Modules.where(model, method) + " calls pow");
            }
            if (owner.equals("java/lang/Math")
                && TRANSCENDENTAL.contains(name.toUpperCase(Locale.ROOT))) {
              found.add(Modules.where(model, method) + " calls Math." + name);
            }
          }
        }
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void theCoreIsSmallAndDependsOnNothing() throws IOException {
    Path classes = Modules.root().resolve("vector-core/target/classes");
    int bytes = jarBytes(classes);
    assertTrue(bytes < 500_000, () -> "the jar of vector-core has " + bytes + " bytes");
    try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
      Set<String> required = new TreeSet<>();
      for (ModuleDescriptor.Requires requires : ModuleDescriptor.read(in).requires()) {
        required.add(requires.name());
      }
      assertTrue(
          required.stream().allMatch(name -> name.startsWith("java.") || name.startsWith("jdk.")),
          () -> "vector-core requires " + required);
    }
    String pom = Files.readString(Modules.root().resolve("vector-core/pom.xml"));
    List<String> parts = List.of(pom.split("<dependency>", -1));
    for (String dependency : parts.subList(1, parts.size())) {
      String declared = dependency.substring(0, dependency.indexOf("</dependency>"));
      assertTrue(declared.contains("<scope>test<"), () -> "vector-core depends on " + declared);
    }
  }

  @Test
  void onlyTheFacadesAreExported() throws IOException {
    try (InputStream in =
        Files.newInputStream(
            Modules.root().resolve("vector-core/target/classes/module-info.class"))) {
      Set<String> exported = new TreeSet<>();
      for (ModuleDescriptor.Exports exports : ModuleDescriptor.read(in).exports()) {
        if (!exports.isQualified()) {
          exported.add(exports.source());
        }
      }
      assertEquals(Set.of("io.github.lanewise.core"), exported);
    }
  }

  private static boolean isRestricted(MemberRefEntry member) {
    String name = member.name().stringValue();
    String owner = member.owner().asInternalName();
    return RESTRICTED.contains(name)
        || (name.equals("load") && Set.of("java/lang/System", "java/lang/Runtime").contains(owner));
  }

  /// Whether a class or a descriptor in the constant pool begins with, or contains, the package.
  private static boolean mentions(ClassModel model, String packagePrefix) {
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry type && type.asInternalName().startsWith(packagePrefix)) {
        return true;
      }
      if (entry instanceof Utf8Entry text && text.stringValue().contains("L" + packagePrefix)) {
        return true;
      }
    }
    return false;
  }

  private static int jarBytes(Path directory) throws IOException {
    ByteArrayOutputStream jar = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(jar);
        Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(directory.relativize(file).toString()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    return jar.size();
  }
}
