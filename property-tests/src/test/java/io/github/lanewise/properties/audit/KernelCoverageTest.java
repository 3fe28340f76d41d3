package io.github.lanewise.properties.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Every kernel is tested: by a row of the op table, or by a suite of this list.
class KernelCoverageTest {
  private static final String KERNELS = "io.github.lanewise.core.kernel.";

  /// Kernels behind other facades than Activation, and the suites that compare them with an oracle.
  private static final Map<String, String> SUITES =
      Map.ofEntries(
          Map.entry("SoftmaxKernel", "SoftmaxPropertiesTest"),
          Map.entry("LogSoftmaxKernel", "SoftmaxPropertiesTest"),
          Map.entry("RowFold", "SoftmaxPropertiesTest"),
          Map.entry("RowKernel", "SoftmaxPropertiesTest"),
          Map.entry("NegateKernel", "SoftmaxPropertiesTest"),
          Map.entry("RowGradientKernel", "SoftmaxPropertiesTest"),
          Map.entry("ShortRowGradientKernel", "SoftmaxPropertiesTest"),
          Map.entry("ShortRowGradientPasses", "SoftmaxPropertiesTest"),
          Map.entry("ShortRowKernel", "SoftmaxPropertiesTest"),
          Map.entry("ShortRowPasses", "SoftmaxPropertiesTest"),
          Map.entry("ReductionKernel", "SoftmaxPropertiesTest"),
          Map.entry("CrossEntropyKernel", "CrossEntropyTest"),
          Map.entry("SquaredErrorKernel", "ElementwiseLossTest"),
          Map.entry("AbsoluteErrorKernel", "ElementwiseLossTest"),
          Map.entry("HuberKernel", "ElementwiseLossTest"),
          Map.entry("BinaryCrossEntropyKernel", "ElementwiseLossTest"),
          Map.entry("KlDivergenceKernel", "ElementwiseLossTest"),
          Map.entry("PointwiseSumKernel", "ElementwiseLossTest"),
          Map.entry("ParametricReluKernel", "ParametricReluTest"),
          Map.entry("GluKernel", "GluTest"),
          Map.entry("GemmKernel", "GemmPropertiesTest"),
          Map.entry("PackKernel", "GemmPropertiesTest"),
          Map.entry("AxpyKernel", "GemmPropertiesTest"),
          Map.entry("Scratch", "SoftmaxPropertiesTest"),
          Map.entry("Lanes", "ReproducibilityTest"),
          Map.entry("SgdKernel", "FusedUpdatesTest"),
          Map.entry("AdamKernel", "FusedUpdatesTest"),
          Map.entry("RmsPropKernel", "FusedUpdatesTest"),
          Map.entry("CenteredRmsPropKernel", "FusedUpdatesTest"),
          Map.entry("AdagradKernel", "FusedUpdatesTest"),
          Map.entry("AdadeltaKernel", "FusedUpdatesTest"));

  @Test
  void everyKernelHasARowOrASuite() throws IOException {
    Set<String> ofActivations = kernelsOfActivations();
    List<String> uncovered = new ArrayList<>();
    for (ClassModel model : Modules.classes("vector-core")) {
      String name = Modules.name(model);
      if (name.startsWith(KERNELS) && !name.contains("$")) {
        String kernel = name.substring(KERNELS.length());
        if (!ofActivations.contains(kernel) && !SUITES.containsKey(kernel)) {
          uncovered.add(kernel);
        }
      }
    }
    assertEquals(List.of(), uncovered, "kernels without a row or a suite");
  }

  @Test
  void everyListedKernelAndSuiteExists() throws IOException {
    Set<String> kernels = new TreeSet<>();
    for (ClassModel model : Modules.classes("vector-core")) {
      kernels.add(Modules.name(model).replace(KERNELS, ""));
    }
    Set<String> suites = new TreeSet<>();
    for (String module : Modules.NAMES) {
      for (ClassModel model : Modules.testClasses(module)) {
        String name = Modules.name(model);
        suites.add(name.substring(name.lastIndexOf('.') + 1));
      }
    }
    assertTrue(kernels.containsAll(SUITES.keySet()), () -> "of " + SUITES.keySet());
    assertTrue(suites.containsAll(SUITES.values()), () -> "of " + SUITES.values());
  }

  /// The kernels that Activation calls: its defaults all have rows, which another test requires.
  private static Set<String> kernelsOfActivations() throws IOException {
    Set<String> kernels = new TreeSet<>();
    for (ClassModel model : Modules.classes("vector-core")) {
      if (Modules.name(model).equals("io.github.lanewise.core.Activation")) {
        for (PoolEntry entry : model.constantPool()) {
          if (entry instanceof ClassEntry type) {
            String name = type.asInternalName().replace('/', '.');
            if (name.startsWith(KERNELS)) {
              kernels.add(name.substring(KERNELS.length()));
            }
          }
        }
      }
    }
    return kernels;
  }
}
