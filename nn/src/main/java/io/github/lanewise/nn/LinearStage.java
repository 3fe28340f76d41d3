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

  /// W^T as [#refresh] found it.
  private final PackedMatrix transposedWeight;

  /// b as [#refresh] found it.
  private final Operand biasOperand;

  /// W, packed by each backward that needs it; null for inference.
  private final PackedMatrix packedWeight;

  /// x, packed by each backward; null for inference.
  private final PackedMatrix packedInput;

  private LinearStage(
      Linear layer,
      Parameter weight,
      Parameter bias,
      Operand biasOperand,
      Arena arena,
      Gemm gemm,
      PackedMatrix packedWeight,
      PackedMatrix packedInput) {
    this.layer = layer;
    this.weight = weight;
    this.bias = bias;
    this.gemm = gemm;
    this.transposedWeight = PackedMatrix.allocate(arena, layer.in(), layer.out());
    this.biasOperand = biasOperand;
    this.packedWeight = packedWeight;
    this.packedInput = packedInput;
  }

  static LinearStage forInference(
      Linear layer, Parameter weight, Parameter bias, Arena arena, int maxBatch) {
    Gemm gemm = Gemm.allocate(arena, maxBatch, 0, layer.in());
    return new LinearStage(
        layer, weight, bias, Operand.copied(bias, arena), arena, gemm, null, null);
  }

  static LinearStage forTraining(
      Linear layer, Parameter weight, Parameter bias, Arena arena, int maxBatch) {
    int mostRows = Math.max(maxBatch, layer.out());
    int mostTerms = Math.max(mostRows, layer.in());
    return new LinearStage(
        layer,
        weight,
        bias,
        Operand.live(bias),
        arena,
        Gemm.allocate(arena, mostRows, 0, mostTerms),
        PackedMatrix.allocate(arena, layer.out(), layer.in()),
        PackedMatrix.allocate(arena, maxBatch, layer.in()));
  }

  @Override
  public void refresh() {
    transposedWeight.packTransposed(weight.value(), layer.in(), layer.out());
    biasOperand.refresh();
  }

  @Override
  public void forward(FloatArray x, FloatArray y, int rows) {
    Gemm.fillRows(biasOperand.values(), y, rows, layer.out());
    gemm.multiplyAdd(x, transposedWeight, y, rows);
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
