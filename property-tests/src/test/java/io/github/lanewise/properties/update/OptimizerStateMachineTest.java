package io.github.lanewise.properties.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.lanewise.core.FloatArray;
import io.github.lanewise.core.Parameter;
import io.github.lanewise.core.Shape;
import io.github.lanewise.core.StateDict;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Averaging;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.ParameterGroup;
import io.github.lanewise.optim.Passes;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/// Random chains of everything that one can do to an optimizer, against a scalar model of it:
/// steps, groups, frozen and skipped parameters, settings, limits, files, and the end of its arena.
class OptimizerStateMachineTest {
  private static final int ACTIONS = 32;

  /// The optimizer and its model, which has a scalar optimizer for each parameter.
  private static final class Machine {
    private final Arena arena;
    private final UpdateRule rule;
    private final Passes passes;
    private final Random random;
    private final List<ScalarPasses> model = new ArrayList<>();
    private final List<Integer> groups = new ArrayList<>();
    private final List<Boolean> frozen = new ArrayList<>();
    private final List<Boolean> skipped = new ArrayList<>();
    private Optimizer optimizer;
    private StateDict saved;
    private Map<String, String> savedSettings;
    private List<float[]> savedValues;
    private List<ScalarPasses> savedModel;

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
        int n = 1 + random.nextInt(40);
        FloatArray value = FloatArray.allocate(arena, n);
        fill(value);
        FloatArray gradient = FloatArray.allocate(arena, n);
        made.add(new Parameter("p" + model.size(), Shape.of(n), value, gradient));
        model.add(new ScalarPasses(rule, passes, value.toArray()));
        groups.add(group);
        frozen.add(false);
        skipped.add(false);
      }
      return made;
    }

    private void fill(FloatArray array) {
      for (long i = 0; i < array.length(); i++) {
        array.set(i, (float) random.nextGaussian());
      }
    }

    String act() {
      int any = random.nextInt(model.size());
      ParameterGroup group = optimizer.groups().get(random.nextInt(optimizer.groups().size()));
      return switch (random.nextInt(10)) {
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

    private void save() {
      saved = optimizer.stateDict(arena);
      savedSettings = optimizer.metadata();
      savedValues = new ArrayList<>();
      optimizer.parameters().forEach(p -> savedValues.add(p.value().toArray()));
      savedModel = model.stream().map(ScalarPasses::copy).toList();
    }

    private void load() {
      if (saved == null || savedModel.size() != model.size()) {
        return;
      }
      for (int i = 0; i < model.size(); i++) {
        optimizer.parameters().get(i).value().copyFrom(savedValues.get(i));
        model.set(i, savedModel.get(i).copy());
      }
      optimizer.loadStateDict(saved, savedSettings);
    }

    private void step() {
      List<Parameter> parameters = optimizer.parameters();
      for (int i = 0; i < model.size(); i++) {
        fill(parameters.get(i).gradient());
        ParameterGroup group = optimizer.groups().get(groups.get(i));
        if (!frozen.get(i) && !skipped.get(i)) {
          UpdateSettings settings = new UpdateSettings(rule, group.settings());
          model.get(i).step(parameters.get(i).gradient().toArray(), settings, 0);
        }
        skipped.set(i, false);
      }
      optimizer.step();
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
    List<RuleCases.Case> rules = RuleCases.all().toList();
    UpdateRule rule = rules.get(random.nextInt(rules.size())).rule();
    Passes passes =
        random.nextBoolean()
            ? Passes.NONE
            : Passes.NONE.withClipValue(0.75).withAveraging(Averaging.equal());
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
