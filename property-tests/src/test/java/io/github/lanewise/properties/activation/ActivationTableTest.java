package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Op;
import io.github.lanewise.bench.accuracy.Ops;
import io.github.lanewise.core.Activation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// The op table is complete: what is not in it is not tested.
class ActivationTableTest {
  @Test
  void everyDefaultActivationHasARow() {
    assertEquals(List.of(), Ops.missing(), "activations without a row in Ops");
  }

  @Test
  void everyDefaultActivationHasItsSpecialValues() {
    for (Op op : Ops.defaults()) {
      assertNotNull(op.special(), () -> op + " has no special values in Ops");
    }
  }

  @Test
  void everyConstantIsADefault() throws IllegalAccessException {
    int constants = 0;
    for (Field field : Activation.class.getFields()) {
      if (field.getType() == Activation.class) {
        Object constant = field.get(null);
        assertTrue(Activation.defaults().contains(constant), field.getName());
        constants++;
      }
    }
    assertEquals(Activation.defaults().size(), constants);
  }

  /// A row of the method's name has other parameters than PyTorch's defaults.
  @Test
  void everyMethodThatTakesParametersHasARow() {
    List<String> missing =
        Arrays.stream(Activation.class.getMethods())
            .filter(method -> Modifier.isStatic(method.getModifiers()))
            .filter(method -> method.getReturnType() == Activation.class)
            .filter(method -> List.of(method.getParameterTypes()).contains(double.class))
            .map(Method::getName)
            .filter(name -> Ops.all().stream().noneMatch(op -> isOf(op, name)))
            .toList();
    assertEquals(List.of(), missing, "methods of Activation without a row in Ops");
  }

  private static boolean isOf(Op op, String method) {
    String name = method.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    return op.name().startsWith(name + "(");
  }
}
