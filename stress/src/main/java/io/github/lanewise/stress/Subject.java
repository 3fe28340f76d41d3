package io.github.lanewise.stress;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.ServedModel;
import java.lang.foreign.Arena;

/// The network of all tests, whose answer tells which model has given it, and outcomes as numbers.
final class Subject {
  /// A call was refused with the typed exception.
  static final int REFUSED = -1;

  /// The answer is that of no model.
  static final int WRONG = -2;

  private static final int INPUTS = 2;
  private static final int OUTPUTS = 5;

  /// Two layers with parameters, so that an answer may come from two models.
  static final Sequential NETWORK =
      Sequential.of(Linear.of(INPUTS, 3), Activation.RELU, Linear.of(3, OUTPUTS));

  private static final StateDict[] MODELS = {numbered(0), numbered(1), numbered(2)};

  private Subject() {}

  /// Returns parameters of the model `number`, which answers `number` in each output. With one
  /// layer of another model the answer would not be a whole number.
  @SuppressWarnings("MustBeClosedChecker") // as long as the JVM
  private static StateDict numbered(int number) {
    StateDict parameters = NETWORK.initialize(Arena.global(), 1).stateDict();
    fill(parameters, number);
    return parameters;
  }

  /// Makes the parameters those of the model `number`.
  static void fill(StateDict parameters, int number) {
    parameters.get("0.weight").values().fill(0);
    parameters.get("0.bias").values().fill(0.25f + number);
    parameters.get("2.weight").values().fill(1);
    parameters.get("2.bias").values().fill(-0.75f - 2 * number);
  }

  static ServedModel model(Arena arena, int number) {
    return NETWORK.serve(arena, MODELS[number]);
  }

  /// Returns the number of the model that answers a call of the session, or why there is none.
  static int ask(InferenceSession session) {
    float[] outputs = new float[OUTPUTS];
    try {
      session.forward(new float[INPUTS], outputs);
    } catch (IllegalStateException e) {
      return REFUSED;
    }
    return number(outputs);
  }

  /// Returns the number of the model that answers a call of the pool, or why there is none. Only a
  /// closed pool may refuse the call.
  static int ask(ModelPool pool) {
    float[] outputs = new float[OUTPUTS];
    try {
      pool.forward(new float[INPUTS], outputs);
    } catch (IllegalStateException e) {
      return "this pool is closed".equals(e.getMessage()) ? REFUSED : WRONG;
    }
    return number(outputs);
  }

  /// Runs what may be refused with an [IllegalStateException].
  ///
  /// @return 0, or [#REFUSED]
  static int attempt(Runnable code) {
    try {
      code.run();
      return 0;
    } catch (IllegalStateException e) {
      return REFUSED;
    }
  }

  private static int number(float[] outputs) {
    for (float output : outputs) {
      if (output != outputs[0] || output != Math.rint(output)) {
        return WRONG;
      }
    }
    return (int) outputs[0];
  }
}
