package io.github.lanewise.nn.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Batch;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Sequential;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FeatureScalingTest {
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  private DataSet data(float... values) {
    return DataSet.unlabelled(FloatArray.of(arena, values), 2);
  }

  @Test
  void dividesPixelsByTheLargestOfAll() {
    DataSet training = data(0, 16, 4, 8, 4, 2);
    FeatureScaling scaling = FeatureScaling.fit(training);
    scaling.applyTo(training);
    assertArrayEquals(new float[] {0, 1, .25f, .5f, .25f, .125f}, training.features().toArray());
    DataSet test = data(17, 1);
    scaling.applyTo(test);
    assertArrayEquals(new float[] {1.0625f, .0625f}, test.features().toArray());
  }

  @Test
  void bringsOtherColumnsToZeroAndOneEachByItself() {
    DataSet training = data(-1, 2000, 3, 1000, 0, 1500.5f);
    FeatureScaling.fit(training).applyTo(training);
    assertArrayEquals(new float[] {0, 1, 1, 0, .25f, .5005f}, training.features().toArray());
  }

  @Test
  void takesNeitherFractionsNorLargeNumbersForPixels() {
    assertEquals("0.0,1.0;2.0,2.5", FeatureScaling.fit(data(0, 1, 2, 3.5f)).toString());
    assertEquals("0.0,1.0;2.0,255.0", FeatureScaling.fit(data(0, 1, 2, 256)).toString());
    assertEquals("0.0,0.0;255.0,255.0", FeatureScaling.fit(data(0, 1, 2, 255)).toString());
  }

  @Test
  void keepsColumnsFiniteThatAreConstantOrHuge() {
    float max = Float.MAX_VALUE;
    DataSet training = data(.5f, -max, .5f, max);
    FeatureScaling.fit(training).applyTo(training);
    assertArrayEquals(new float[] {0, 0, 0, 2}, training.features().toArray());
    DataSet black = data(0, 0);
    FeatureScaling.fit(black).applyTo(black);
    assertArrayEquals(new float[2], black.features().toArray());
  }

  @Test
  void comesBackFromItsText() {
    FeatureScaling scaling = FeatureScaling.fit(data(.1f, 1e-30f, .7f, 3e30f));
    String text = scaling.toString();
    assertEquals(text, FeatureScaling.parse(text, 2).toString());
    assertEquals("0.0,0.0;16.0,16.0", FeatureScaling.fit(data(3, 16)).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|the scaling is not minima, a semicolon and ranges",
        "1,2|the scaling is not minima, a semicolon and ranges",
        "1,2;3,4;5,6|the scaling is not minima, a semicolon and ranges",
        "1,2;3|the scaling has 2 minima and 1 ranges for 2 columns",
        "1;2|the scaling has 1 minima and 1 ranges for 2 columns",
        "1,2;3,x|the scaling has 'x', not a finite number",
        "1,2;3,|the scaling has '', not a finite number",
        "1,2;3,NaN|the scaling has 'NaN', not a finite number",
        "1,1e39;3,4|the scaling has '1e39', not a finite number",
        "1,2;3,0|the scaling has range 0.0 for column 2, must be above 0",
        "1,2;-0.0,4|the scaling has range -0.0 for column 1, must be above 0",
        "1,2;1e-50,4|the scaling has range 0.0 for column 1, must be above 0",
        "1,2;3,-4|the scaling has range -4.0 for column 2, must be above 0",
      })
  void refusesTextThatIsNoScaling(String text, String message) {
    var e = assertThrows(IllegalArgumentException.class, () -> FeatureScaling.parse(text, 2));
    assertEquals(message, e.getMessage());
  }

  @Test
  void refusesDataOfAnotherWidth() {
    FeatureScaling scaling = FeatureScaling.fit(data(1, 2));
    DataSet wide = DataSet.unlabelled(FloatArray.of(arena, 1, 2, 3), 3);
    assertThrows(IllegalArgumentException.class, () -> scaling.applyTo(wide));
  }

  @Test
  void standardScalingGivesMeanZeroAndDeviationOne() {
    DataSet training = data(1, 5, 3, 5, 5, 5, 7, 5);
    FeatureScaling scaling = FeatureScaling.standard(training);
    assertEquals("4.0,5.0;2.236068,1.0", scaling.toString());
    scaling.applyTo(training);
    float root = (float) Math.sqrt(5);
    assertArrayEquals(
        new float[] {-3 / root, 0, -1 / root, 0, 1 / root, 0, 3 / root, 0},
        training.features().toArray(),
        1e-6f);
  }

  @Test
  void noneLeavesFeaturesAsTheyAre() {
    DataSet data = data(1, -5, 1e30f, 0);
    FeatureScaling none = FeatureScaling.none(2);
    none.applyTo(data);
    assertArrayEquals(new float[] {1, -5, 1e30f, 0}, data.features().toArray());
    assertEquals(2, none.columns());
    assertTrue(none.isNone());
    assertFalse(FeatureScaling.fit(data).isNone());
  }

  @Test
  void isALayerOfANetwork() {
    FeatureScaling scaling = FeatureScaling.fit(data(-1, 2000, 3, 1000));
    Sequential network = Sequential.of(scaling, Linear.of(2, 1));
    assertEquals(2, network.inputs());
    Batch x = Batch.allocate(arena, 2, 2);
    Batch y = Batch.allocate(arena, 2, 2);
    x.load(FloatArray.of(arena, 0, 1500, 3, 2000), 0);
    scaling.forward(x, List.of(), y);
    assertArrayEquals(
        new float[] {.25f, .5f, 1, 1},
        new float[] {y.get(0, 0), y.get(0, 1), y.get(1, 0), y.get(1, 1)});
    Batch gx = Batch.allocate(arena, 2, 2);
    scaling.backward(x, y, y, List.of(), List.of(), gx);
    assertEquals(.0625f, gx.get(0, 0));
    assertEquals(.0005f, gx.get(0, 1));
    scaling.backward(x, y, y, List.of(), List.of(), null);
    assertThrows(IllegalArgumentException.class, () -> scaling.outputs(3));
  }
}
