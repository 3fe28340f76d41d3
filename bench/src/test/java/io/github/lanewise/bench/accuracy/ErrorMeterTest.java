package io.github.lanewise.bench.accuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ErrorMeterTest {
  private static final float NEXT = Math.nextUp(1f);

  private final ErrorMeter meter = new ErrorMeter();

  @Test
  void anErrorIsCountedInUnitsOfTheExactValue() {
    assertEquals(1, meter.add(3, 1, NEXT, 0));
    assertEquals(0.25, meter.add(4, 1 + 0x1p-25, 1, 0));
    assertEquals(1, meter.maxUlp());
    assertEquals(3, meter.worstInput());
    assertEquals(0.625, meter.meanUlp());
    assertEquals(1, meter.incorrectlyRounded());
    assertEquals(1, meter.maxUlp(false, 1));
    assertEquals(0.25, meter.maxUlp(false, 2));
  }

  @Test
  void aNanWithoutReasonIsInfinitelyWrongAndStaysTheWorst() {
    meter.add(Float.NaN, Double.NaN, 0, 0);
    meter.add(1, 1, NEXT, 0);
    meter.add(2, 1, Float.NaN, 0);
    meter.add(3, Double.NaN, Float.NaN, 0);
    ErrorMeter all = new ErrorMeter();
    all.merge(meter);
    all.merge(new ErrorMeter());
    assertEquals(Double.POSITIVE_INFINITY, all.maxUlp());
    assertEquals(Float.NaN, all.worstInput());
    assertEquals(3, all.incorrectlyRounded());
    assertEquals(4, all.inputs());
  }

  @Test
  void nearTheMiddleOfTwoFloatsTheOracleCannotDecide() {
    double middle = 1 + 0x1p-24;
    meter.add(1, middle, 1, 0x1p-49);
    meter.add(1, middle, NEXT, 0x1p-49);
    meter.add(1, middle, Math.nextUp(NEXT), 0x1p-49);
    meter.add(1, middle + 0x1p-48, NEXT, 0x1p-49);
    meter.add(1, middle + 0x1p-48, 1, 0x1p-49);
    meter.add(1, middle, NEXT, 0); // exactly in the middle, so the even one is right
    meter.add(1, middle, 1, 0);
    assertEquals(2, meter.undecided());
    assertEquals(3, meter.incorrectlyRounded());
  }

  @Test
  void aSurveyTriesEveryFloatOfItsStrideOnceAndInOrder() {
    List<Integer> tried = new ArrayList<>();
    Survey.run((x, y) -> y.copyFrom(x), 65_537, Recorder::new, chunk -> tried.addAll(chunk.bits));
    assertEquals(65_536, tried.size());
    for (int i = 0; i < tried.size(); i++) {
      assertEquals(i * 65_537, tried.get(i));
    }
  }

  private static final class Recorder implements Survey.Judge {
    private final List<Integer> bits = new ArrayList<>();

    @Override
    public void look(float[] x, float[] y, int n) {
      for (int i = 0; i < n; i++) {
        assertEquals(x[i], y[i]);
        bits.add(Float.floatToRawIntBits(x[i]));
      }
    }
  }
}
