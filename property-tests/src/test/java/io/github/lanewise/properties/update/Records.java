package io.github.lanewise.properties.update;

import io.github.lanewise.core.UpdateRule;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;

/// Configurations with other values, by the names of their settings.
final class Records {
  private Records() {}

  /// Returns a configuration of the same kind with some values changed; names that it has not are
  /// left out.
  static UpdateRule with(UpdateRule rule, Map<String, Double> values) {
    RecordComponent[] components = rule.getClass().getRecordComponents();
    Object[] arguments = new Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        Double value = values.get(components[i].getName());
        boolean isFlag = components[i].getType() == boolean.class;
        arguments[i] =
            value == null
                ? components[i].getAccessor().invoke(rule)
                : isFlag ? (Object) (value != 0) : value;
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return (UpdateRule) rule.getClass().getDeclaredConstructor(types).newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(rule.getClass() + " with " + values, e);
    }
  }
}
