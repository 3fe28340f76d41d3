package io.github.lanewise.bench.accuracy;

import io.github.lanewise.core.FloatArray;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The JDK's own vector functions: the rival that every user of the Vector API has.
public enum JdkFunction {
  /// `lanewise(EXP)`.
  EXP("exp") {
    @Override
    FloatVector apply(FloatVector x) {
      return x.lanewise(VectorOperators.EXP);
    }
  },
  /// `lanewise(EXPM1)`.
  EXPM1("expm1") {
    @Override
    FloatVector apply(FloatVector x) {
      return x.lanewise(VectorOperators.EXPM1);
    }
  },
  /// `lanewise(LOG)`.
  LOG("log") {
    @Override
    FloatVector apply(FloatVector x) {
      return x.lanewise(VectorOperators.LOG);
    }
  },
  /// `lanewise(LOG1P)`.
  LOG1P("log1p") {
    @Override
    FloatVector apply(FloatVector x) {
      return x.lanewise(VectorOperators.LOG1P);
    }
  },
  /// `lanewise(TANH)`.
  TANH("tanh") {
    @Override
    FloatVector apply(FloatVector x) {
      return x.lanewise(VectorOperators.TANH);
    }
  };

  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  private final String op;

  JdkFunction(String op) {
    this.op = op;
  }

  abstract FloatVector apply(FloatVector x);

  /// Returns the function of PyTorch's name, or null if the JDK has none.
  public static JdkFunction named(String op) {
    for (JdkFunction function : values()) {
      if (function.op.equals(op)) {
        return function;
      }
    }
    return null;
  }

  /// Overwrites `y`, whose length is a multiple of 16.
  public void run(FloatArray x, FloatArray y) {
    MemorySegment from = x.segment();
    MemorySegment to = y.segment();
    for (long at = 0; at < from.byteSize(); at += F.vectorByteSize()) {
      apply(FloatVector.fromMemorySegment(F, from, at, LE)).intoMemorySegment(to, at, LE);
    }
  }
}
