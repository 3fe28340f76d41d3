package io.github.lanewise.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Kernels compute with floats: a setting that is usable as a double but not as a float is refused.
class ActivationSettingsTest {
  private static final String INVERSE = ", but it and its reciprocal must be floats other than 0";

  @Test
  void aDivisorThatRoundsToZeroIsRefused() {
    refused("alpha is 1.0E-50" + INVERSE, () -> Activation.celu(1e-50));
    refused("beta is 1.0E-50" + INVERSE, () -> Activation.softplus(1e-50, 20));
    refused("alpha is 0.0" + INVERSE, () -> Activation.celu(0));
    refused("beta is -0.0" + INVERSE, () -> Activation.softplus(-0.0, 20));
  }

  @Test
  void aDivisorWhoseReciprocalOverflowsIsRefused() {
    refused("alpha is 1.0E-40" + INVERSE, () -> Activation.celu(1e-40));
    refused("beta is -1.0E-40" + INVERSE, () -> Activation.softplus(-1e-40, 20));
  }

  @Test
  void aSettingThatOverflowsIsRefused() {
    String tooLarge = " is 1.0E50, must be finite as a float";
    refused("alpha" + tooLarge, () -> Activation.celu(1e50));
    refused("alpha" + tooLarge, () -> Activation.elu(1e50));
    refused("beta" + tooLarge, () -> Activation.softplus(1e50, 20));
    refused("threshold" + tooLarge, () -> Activation.softplus(1, 1e50));
    refused("slope" + tooLarge, () -> Activation.leakyRelu(1e50));
    refused("lambda" + tooLarge, () -> Activation.hardshrink(1e50));
    refused("lambda" + tooLarge, () -> Activation.softshrink(1e50));
    refused("high" + tooLarge, () -> Activation.hardtanh(0, 1e50));
  }

  @Test
  void boundsThatRoundToOneFloatAreRefused() {
    refused(
        "low is 1.0, must be below high, 1.000000000001, as a float",
        () -> Activation.hardtanh(1, 1.000000000001));
  }

  @Test
  void theSmallestDivisorsThatWorkAreTaken() {
    assertEquals("celu(3.0E-39)", Activation.celu(3e-39).toString());
    assertEquals("softplus(-3.0E-39, 20.0)", Activation.softplus(-3e-39, 20).toString());
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
