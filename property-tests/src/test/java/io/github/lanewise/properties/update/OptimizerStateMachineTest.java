package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.StatePrecision;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.ParameterPrecision;
import io.github.lanewise.optim.Passes;
import io.github.lanewise.optim.rule.TensorRule;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Random chains of everything that one can do to an optimizer, against a scalar model of it:
/// steps, sums of gradients, groups, frozen and skipped parameters, settings, limits, files, and
/// the end of its arena.
class OptimizerStateMachineTest {
  private static final int ACTIONS = 32;

  /// The optimizer and its model, which has a scalar optimizer for each parameter.
  private static final class Machine {
    private final Arena arena;
    private final UpdateRule rule;
    private final Random random;
    private final List<ScalarPasses> model = new ArrayList<>();
    private final List<Integer> groups = new ArrayList<>();
    private final List<Boolean> skipped = new ArrayList<>();
    private List<Boolean> frozen = new ArrayList<>();
    private Passes passes;
    private int added;
    private Optimizer optimizer;
    private Saved saved;

    /// What a file and the model's copies hold.
    private record Saved(
        StateDict states,
        Map<String, String> settings,
        List<float[]> values,
        List<float[]> gradients,
        List<ScalarPasses> model,
        List<Boolean> frozen,
        Passes passes,
        int added) {}

    Machine(Arena arena, UpdateRule rule, Passes passes, Random random) {
      this.arena = arena;
      this.rule = rule;
      this.passes = passes;
      this.random = random;
      optimizer = Optimizer.of(arena, parameters(2, 0), rule, passes);
    }

    /// New parameters, with their models.
    private List<Parameter> parameters(int count, int group) {
      List<Parameter> made = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Shape shape = shape();
        FloatArray value = FloatArray.allocate(arena, shape.elements());
        fill(value);
        FloatArray gradient = FloatArray.allocate(arena, shape.elements());
        made.add(new Parameter("p" + model.size(), shape, value, gradient));
        ScalarPasses twin = new ScalarPasses(rule, passes, value.toArray(), shape);
        for (int call = 0; call < added; call++) {
          twin.pass();
        }
        model.add(twin);
        groups.add(group);
        frozen.add(false);
        skipped.add(false);
      }
      return made;
    }

    /// A matrix where the rule sees the difference, and always for Muon.
    private Shape shape() {
      boolean isMatrix =
          rule.name().equals("muon") || (rule instanceof TensorRule && random.nextBoolean());
      return isMatrix
          ? Shape.of(1 + random.nextInt(8), 1 + random.nextInt(20))
          : Shape.of(1 + random.nextInt(40));
    }

    private void fill(FloatArray array) {
      for (long i = 0; i < array.length(); i++) {
        array.set(i, (float) random.nextGaussian());
      }
    }

    String act() {
      int any = random.nextInt(model.size());
      ParameterGroup group = optimizer.groups().get(random.nextInt(optimizer.groups().size()));
      return switch (random.nextInt(14)) {
        case 0 -> {
          optimizer.freeze("p" + any);
          frozen.set(any, true);
          yield "freeze " + any;
        }
        case 1 -> {
          optimizer.unfreeze("p" + any);
          frozen.set(any, false);
          yield "unfreeze " + any;
        }
        case 2 -> {
          optimizer.skip("p" + any);
          skipped.set(any, true);
          yield "skip " + any;
        }
        case 3 -> {
          if (model.size() < 8) {
            optimizer.addGroup(parameters(1, optimizer.groups().size()), rule);
          }
          yield "add group";
        }
        case 4 -> {
          group.set("lr", random.nextInt(10) / 64.0);
          group.set("weightDecay", random.nextInt(3) / 16.0);
          group.set("decoupledWeightDecay", random.nextInt(2));
          group.set("maximize", random.nextInt(2));
          yield "settings";
        }
        case 5 -> {
          assertThrows(IllegalArgumentException.class, () -> group.set("lr", Double.NaN));
          assertThrows(IllegalArgumentException.class, () -> group.set("speed", 1));
          assertThrows(IllegalArgumentException.class, () -> optimizer.freeze("nothing"));
          assertThrows(
              IllegalArgumentException.class,
              () -> optimizer.loadStateDict(new StateDict().put("x", Shape.of(), one())));
          yield "refusals";
        }
        case 8 -> {
          limit();
          yield "limits";
        }
        case 9 -> {
          zeroGrad();
          yield "zeroGrad";
        }
        case 6 -> {
          save();
          yield "save";
        }
        case 7 -> {
          load();
          yield "load";
        }
        default -> {
          step();
          yield "step";
        }
      };
    }

    private FloatArray one() {
      return FloatArray.allocate(arena, 1);
    }

    private void limit() {
      double norm = random.nextBoolean() ? Double.POSITIVE_INFINITY : 1 + random.nextInt(4);
      double value = random.nextBoolean() ? Double.POSITIVE_INFINITY : 0.5 + random.nextInt(2);
      optimizer.setMaxNorm(norm);
      optimizer.setClipValue(value);
      passes = passes.withMaxNorm(norm).withClipValue(value);
      model.forEach(each -> each.limit(norm, value));
    }

    /// Leaves a sum that is being added up.
    private void zeroGrad() {
      List<float[]> before = arrays(Parameter::gradient);
      optimizer.zeroGrad();
      for (int i = 0; i < model.size(); i++) {
        float[] zeros = new float[before.get(i).length];
        float[] actual = optimizer.parameters().get(i).gradient().toArray();
        assertArrayEquals(added > 0 ? before.get(i) : zeros, actual, "gradient of p" + i);
      }
    }

    private List<float[]> arrays(Function<Parameter, FloatArray> part) {
      return optimizer.parameters().stream().map(p -> part.apply(p).toArray()).toList();
    }

    private void save() {
      saved =
          new Saved(
              optimizer.stateDict(arena),
              optimizer.metadata(),
              arrays(Parameter::value),
              arrays(Parameter::gradient),
              model.stream().map(ScalarPasses::copy).toList(),
              List.copyOf(frozen),
              passes,
              added);
    }

    private void load() {
      if (saved == null || saved.model.size() != model.size()) {
        return;
      }
      for (int i = 0; i < model.size(); i++) {
        optimizer.parameters().get(i).value().copyFrom(saved.values.get(i));
        model.set(i, saved.model.get(i).copy());
      }
      optimizer.loadStateDict(saved.states, saved.settings);
      frozen = new ArrayList<>(saved.frozen);
      passes = saved.passes;
      added = saved.added;
      for (int i = 0; i < model.size() && added > 0; i++) {
        float[] sum = optimizer.parameters().get(i).gradient().toArray();
        assertArrayEquals(saved.gradients.get(i), sum, "sum of the gradients of p" + i);
      }
    }

    private void step() {
      for (Parameter parameter : optimizer.parameters()) {
        addGradient(parameter.gradient());
      }
      List<float[]> gradients = arrays(Parameter::gradient);
      List<UpdateSettings> settings = new ArrayList<>();
      optimizer.groups().forEach(g -> settings.add(new UpdateSettings(rule, g.settings())));
      optimizer.step();
      added = (added + 1) % passes.accumulatedSteps();
      if (added > 0) {
        model.forEach(ScalarPasses::pass);
        return;
      }
      requireNorm(gradients);
      for (int i = 0; i < model.size(); i++) {
        if (frozen.get(i) || skipped.get(i)) {
          model.get(i).pass();
        } else {
          model
              .get(i)
              .step(gradients.get(i), settings.get(groups.get(i)), optimizer.gradientNorm());
        }
        skipped.set(i, false);
      }
    }

    /// Adds a gradient, to nothing in the first call of a step.
    private void addGradient(FloatArray gradient) {
      for (long i = 0; i < gradient.length(); i++) {
        float before = added > 0 ? gradient.get(i) : 0;
        gradient.set(i, before + (float) random.nextGaussian());
      }
    }

    /// The norm is that of the parameters that take the step.
    private void requireNorm(List<float[]> gradients) {
      if (passes.maxNorm() == Double.POSITIVE_INFINITY) {
        return;
      }
      double squares = 0;
      for (int i = 0; i < model.size(); i++) {
        for (float g : frozen.get(i) || skipped.get(i) ? new float[0] : gradients.get(i)) {
          squares += (double) g * g;
        }
      }
      double norm = Math.sqrt(squares) / passes.accumulatedSteps();
      assertEquals(norm, optimizer.gradientNorm(), 1e-6 * norm + Double.MIN_VALUE);
    }

    void requireSame(String trace) {
      for (int i = 0; i < model.size(); i++) {
        float[] expected = model.get(i).p;
        FloatArray actual = optimizer.parameters().get(i).value();
        for (int j = 0; j < expected.length; j++) {
          int bits = Float.floatToIntBits(actual.get(j));
          String where = "p" + i + ", element " + j + " after " + trace;
          assertEquals(Float.floatToIntBits(expected[j]), bits, where);
        }
      }
    }
  }

  @Property(tries = 300)
  void anyChainOfActionsIsThatOfTheModel(@ForAll long seed) {
    Random random = new Random(seed);
    // A third of the chains are those of rules that look at whole parameters.
    boolean isOfTensors = random.nextInt(3) == 0;
    List<RuleCases.Case> rules = (isOfTensors ? RuleCases.ofMatrices() : RuleCases.all()).toList();
    UpdateRule rule = rules.get(random.nextInt(rules.size())).rule();
    StatePrecision[] ofStates = StatePrecision.values();
    // Rounding at random depends on the place in a group, which the model does not know.
    ParameterPrecision ofParameters =
        random.nextBoolean() ? ParameterPrecision.FLOAT32 : ParameterPrecision.BFLOAT16_COMPENSATED;
    Passes passes =
        random.nextBoolean()
            ? Passes.NONE
            : Passes.NONE
                .withClipValue(0.75)
                .withAccumulatedSteps(1 + random.nextInt(3))
                .withAveraging(Averaging.equal())
                .withStatePrecision(ofStates[random.nextInt(ofStates.length)])
                .withParameterPrecision(ofParameters);
    Machine machine;
    try (Arena arena = Arena.ofConfined()) {
      machine = new Machine(arena, rule, passes, random);
      StringBuilder trace = new StringBuilder(rule.name()).append(", seed ").append(seed);
      for (int action = 0; action < ACTIONS; action++) {
        trace.append(", ").append(machine.act());
        machine.requireSame(trace.toString());
      }
    }
    Optimizer closed = machine.optimizer;
    assertThrows(IllegalStateException.class, closed::step);
    assertThrows(IllegalStateException.class, closed::zeroGrad);
  }
}
