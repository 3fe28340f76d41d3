package io.github.lanewise.bench.lab;

import io.github.lanewise.core.Setting;
import io.github.lanewise.core.UpdateLoop;
import io.github.lanewise.core.UpdateRule;
import io.github.lanewise.core.UpdateSettings;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.Rules;
import java.lang.foreign.Arena;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A rule in the lab: one of `optim` with its default settings, or a researcher's own.
///
/// @param rule with the settings that every run begins with, but for the learning rate
/// @param twin the same rule in scalar Java; null if there is none
public record Candidate(UpdateRule rule, Chain twin) {
  /// {@return the rules of `optim`, in their order}
  public static List<Candidate> all() {
    List<Candidate> all = new ArrayList<>();
    for (String name : Rules.NAMES) {
      all.add(new Candidate(Rules.named(name), Chains.of(name)));
    }
    return all;
  }

  /// {@return a rule of a class on the class path}
  ///
  /// A class that is an [UpdateLoop.Element] too says so itself what its scalar twin is.
  ///
  /// @param className of a public [UpdateRule] with a public constructor without parameters
  /// @throws IllegalArgumentException if there is none, or it cannot be made
  public static Candidate named(String className) {
    try {
      Object made =
          Class.forName(className, true, Thread.currentThread().getContextClassLoader())
              .getConstructor()
              .newInstance();
      if (!(made instanceof UpdateRule rule)) {
        throw new IllegalArgumentException(className + " is no " + UpdateRule.class.getName());
      }
      for (String taken : Rules.NAMES) {
        if (taken.equals(rule.name())) {
          throw new IllegalArgumentException(
              className + " has the name " + taken + ", which is that of a rule of Lanewise");
        }
      }
      return new Candidate(
          rule, made instanceof UpdateLoop.Element element ? element(rule, element) : null);
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IllegalArgumentException(
          "there is no class " + className + " on the class path", e);
    } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
      throw new IllegalArgumentException(
          className + " has no public constructor without parameters", e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(className + " cannot be made: " + e.getCause(), e);
    }
  }

  private static Chain element(UpdateRule rule, UpdateLoop.Element element) {
    return Chain.ofElements(
        cell -> {
          float[] c = new float[rule.scalarCount()];
          float[] x = new float[2 + rule.states().size()];
          cell.gradient();
          cell.decay();
          rule.scalars(cell.settings(), cell.t(), cell.memory(), c);
          x[0] = cell.p;
          x[1] = cell.g;
          System.arraycopy(cell.states, 0, x, 2, cell.states.length);
          element.update(x, c);
          cell.p = x[0];
          System.arraycopy(x, 2, cell.states, 0, cell.states.length);
        });
  }

  /// {@return its name}
  public String name() {
    return rule.name();
  }

  /// {@return every setting that a run begins with, `lr` apart}
  public Map<String, Double> settings() {
    Map<String, Double> all = new TreeMap<>();
    for (Setting each : rule.settings()) {
      all.put(each.name(), each.value());
    }
    all.remove("lr");
    return all;
  }

  /// {@return an optimizer with this rule}
  ///
  /// @param arena owns its states
  /// @param attempt what it changes
  /// @param lr the learning rate
  Optimizer open(Arena arena, Problem.Attempt attempt, double lr) {
    Optimizer optimizer = Optimizer.of(arena, attempt.parameters(), rule);
    optimizer.setLearningRate(lr);
    return optimizer;
  }

  /// {@return whether the parameters of an evaluation are others than those of a step}
  ///
  /// @param optimizer with this rule
  boolean hasEvaluation(Optimizer optimizer) {
    List<Setting> settings = optimizer.groups().getFirst().settings();
    return rule.evaluation(new UpdateSettings(rule, settings)).isPresent();
  }
}
