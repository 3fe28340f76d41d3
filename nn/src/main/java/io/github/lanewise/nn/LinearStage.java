package io.github.lanewise.nn;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Gemm;
import io.github.lanewise.core.PackedMatrix;
import io.github.lanewise.core.Parameter;
import java.lang.foreign.Arena;

/// A linear layer in a session: y = x W^T + b forward, gx = gy W and gW += gy^T x backward.
final class LinearStage implements Stage {
  private final Linear layer;
  private final Parameter weight;
  private final Parameter bias;
  private final Gemm gemm;
  private final PackedMatrix transposedWeight;

  /// Packed on the way back only; null in a session that does not go back.
  private final PackedMatrix packedWeight;

  private final PackedMatrix packedInput;

  private LinearStage(
      Linear layer,
      Parameter weight,
      Parameter bias,
      Gemm gemm,
      PackedMatrix transposedWeight,
      PackedMatrix packedWeight,
      PackedMatrix packedInput) {
    this.layer = layer;
    this.weight = weight;
    this.bias = bias;
    this.gemm = gemm;
    this.transposedWeight = transposedWeight;
    this.packedWeight = packedWeight;
    this.packedInput = packedInput;
  }

  static LinearStage forInference(Linear layer, Parameter weight, Parameter bias, Arena arena) {
    return new LinearStage(
        layer,
        weight,
        bias,
        Gemm.allocate(arena),
        PackedMatrix.allocate(arena, layer.in(), layer.out()),
        null,
        null);
  }

  static LinearStage forTraining(
      Linear layer, Parameter weight, Parameter bias, Arena arena, int maxBatch) {
    return new LinearStage(
        layer,
        weight,
        bias,
        Gemm.allocate(arena),
        PackedMatrix.allocate(arena, layer.in(), layer.out()),
        PackedMatrix.allocate(arena, layer.out(), layer.in()),
        PackedMatrix.allocate(arena, maxBatch, layer.in()));
  }

  @Override
  public void refresh() {
    transposedWeight.packTransposed(weight.value(), layer.in(), layer.out());
  }

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    gemm.multiply(x, transposedWeight, y, rows);
    Gemm.addBias(bias.value(), y, rows, layer.out());
  }

  @Override
  public void backward(FloatArray x, FloatArray y, FloatArray gy, FloatArray gx, int rows) {
    packedInput.pack(x, rows, layer.in());
    gemm.addTransposed(gy, packedInput, weight.gradient(), layer.out());
    Gemm.addRows(gy, bias.gradient(), rows, layer.out());
    if (gx != null) {
      packedWeight.pack(weight.value(), layer.out(), layer.in());
      gemm.multiply(gy, packedWeight, gx, rows);
    }
  }
}
