package io.github.lanewise.nn.io.onnx;

import io.github.lanewise.nn.io.FileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Gives scales and shifts that stand alone to the layers beside them, since no layer of Lanewise
/// is a scale or a shift alone.
final class Folding {
  private Folding() {}

  /// Returns the steps without [Step.Affine].
  ///
  /// @throws FileException if one has no linear layer and no LayerNorm beside it
  static List<Step> fold(Path file, List<Step> steps) throws FileException {
    List<Step> folded = new ArrayList<>();
    for (Step step : steps) {
      Step last = folded.isEmpty() ? null : folded.getLast();
      Step both = last == null ? null : together(last, step);
      if (both != null) {
        folded.removeLast();
        folded.add(both);
      } else {
        folded.add(step);
      }
    }
    for (Step step : folded) {
      if (step instanceof Step.Affine affine) {
        throw new FileException(
            file, "has %s, which no linear layer beside it can take over".formatted(affine.node()));
      }
    }
    return folded;
  }

  /// Returns one step that does what two do, or null.
  private static Step together(Step first, Step second) {
    if (first instanceof Step.Affine affine) {
      if (second instanceof Step.Affine next) {
        return affine.then(next);
      }
      return second instanceof Step.Linear linear && affine.fits(linear.in())
          ? affine.before(linear)
          : null;
    }
    if (!(second instanceof Step.Affine affine)) {
      return null;
    }
    if (first instanceof Step.Linear linear && affine.fits(linear.out())) {
      return affine.after(linear);
    }
    if (first instanceof Step.LayerNorm norm) {
      int width =
          norm.weight() == null
              ? Math.max(affine.scale().length, affine.shift().length)
              : norm.weight().length;
      return affine.fits(width) ? affine.after(norm, width) : null;
    }
    return null;
  }
}
