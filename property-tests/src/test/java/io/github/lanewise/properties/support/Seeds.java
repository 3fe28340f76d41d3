package io.github.lanewise.properties.support;

import java.lang.reflect.Method;
import net.jqwik.api.FixedSeedMode;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/// Gives each property a seed of its own, the same in every run, so that a build that passed passes
/// again. The Maven profile `random` lets jqwik draw the seeds instead.
///
/// A seed in an annotation is left as it is: it is there to study a failure, and jqwik then fails
/// the property as it was told to. jqwik finds this class by its service file.
public final class Seeds implements AroundPropertyHook {
  /// Set to true for seeds that differ from run to run.
  static final boolean RANDOM = Boolean.getBoolean("lanewise.random");

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }

  @Override
  public PropertyExecutionResult aroundProperty(
      PropertyLifecycleContext context, PropertyExecutor property) {
    if (!RANDOM && context.attributes().seed().isEmpty()) {
      Method method = context.targetMethod();
      String name = method.getDeclaringClass().getSimpleName() + "." + method.getName();
      context.attributes().setSeed(String.valueOf(name.hashCode()));
      context.attributes().setWhenFixedSeed(FixedSeedMode.ALLOW);
    }
    return property.execute();
  }
}
