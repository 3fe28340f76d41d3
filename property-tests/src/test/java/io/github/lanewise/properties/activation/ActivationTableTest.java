package io.github.lanewise.properties.activation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.bench.accuracy.Ops;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The op table is complete: what is not in it is not tested.
class ActivationTableTest {
  @Test
  void everyDefaultActivationHasARow() {
    assertEquals(List.of(), Ops.missing(), "activations without a row in Ops");
  }

  @Test
  void everyDefaultActivationHasItsSpecialValuesListed() {
    for (var op : Ops.defaults()) {
      assertTrue(
          SpecialValues.NAMES.contains(op.name()), op.name() + " is missing in SpecialValues");
    }
  }

  @Test
  void everyRowHasItsSpecialValuesListed() {
    assertEquals(new HashSet<>(Ops.names()), new HashSet<>(SpecialValues.NAMES));
  }
}
