package io.github.lanewise.core;

import io.github.lanewise.core.simd.Scratch;
import io.github.lanewise.core.update.CenteredRmsPropKernel;
import io.github.lanewise.core.update.RmsPropKernel;

/// The loops of RMSprop in [FusedUpdates] over the [blocks][Block] of the arrays.
final class RmsPropBlocks {
  private RmsPropBlocks() {}

  static void rmsProp(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      double lr,
      double alpha,
      double eps,
      double weightDecay,
      boolean maximize) {
    UpdateChecks.require(p, g, "v", v);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        RmsPropKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.elements(i, p.length()),
            UpdateBlocks.sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
      }
    }
  }

  static void rmsPropMomentum(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray buffer,
      double lr,
      double alpha,
      double eps,
      double momentum,
      double weightDecay,
      boolean maximize) {
    UpdateChecks.require(p, g, "v", v, "buffer", buffer);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        RmsPropKernel.momentum(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, buffer, i),
            Block.byteOffset(3, buffer, i),
            Block.elements(i, p.length()),
            UpdateBlocks.sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps,
            (float) momentum);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, buffer, i);
      }
    }
  }

  static void rmsPropCentered(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray mean,
      double lr,
      double alpha,
      double eps,
      double weightDecay,
      boolean maximize) {
    UpdateChecks.require(p, g, "v", v, "mean", mean);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        CenteredRmsPropKernel.step(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, mean, i),
            Block.byteOffset(3, mean, i),
            Block.elements(i, p.length()),
            UpdateBlocks.sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, mean, i);
      }
    }
  }

  static void rmsPropCenteredMomentum(
      FloatArray p,
      FloatArray g,
      FloatArray v,
      FloatArray mean,
      FloatArray buffer,
      double lr,
      double alpha,
      double eps,
      double momentum,
      double weightDecay,
      boolean maximize) {
    UpdateChecks.require(p, g, "v", v, "mean", mean, "buffer", buffer);
    try (Scratch s = Scratch.takeForRest(p.length())) {
      for (long i = 0; i < p.length(); i = Block.next(i, p.length())) {
        CenteredRmsPropKernel.momentum(
            Block.load(s, 0, p, i),
            Block.byteOffset(0, p, i),
            Block.load(s, 1, g, i),
            Block.byteOffset(1, g, i),
            Block.load(s, 2, v, i),
            Block.byteOffset(2, v, i),
            Block.load(s, 3, mean, i),
            Block.byteOffset(3, mean, i),
            Block.load(s, 4, buffer, i),
            Block.byteOffset(4, buffer, i),
            Block.elements(i, p.length()),
            UpdateBlocks.sign(maximize),
            (float) weightDecay,
            (float) -lr,
            (float) alpha,
            (float) (1 - alpha),
            (float) eps,
            (float) momentum);
        Block.store(s, 0, p, i);
        Block.store(s, 2, v, i);
        Block.store(s, 3, mean, i);
        Block.store(s, 4, buffer, i);
      }
    }
  }
}
