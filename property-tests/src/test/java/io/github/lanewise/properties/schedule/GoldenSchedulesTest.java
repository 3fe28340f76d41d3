package io.github.lanewise.properties.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.optim.schedule.OneCycleLr;
import io.github.lanewise.optim.schedule.PlateauScheduler;
import io.github.lanewise.optim.schedule.Schedule;
import io.github.lanewise.optim.schedule.Scheduler;
import io.github.lanewise.properties.support.GoldenFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The learning rate, and the momentum, that PyTorch has in force at every step. Steps, bases and
/// arguments are those of the manifests.
class GoldenSchedulesTest {
  private static final double TOLERANCE = 1e-12;

  /// A run of PyTorch, with momenta if the file has them.
  record Case(
      String name,
      Schedule schedule,
      double base,
      double momentum,
      List<Double> rates,
      List<Double> momenta) {
    @Override
    public String toString() {
      return name + " " + schedule;
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String folder : GoldenFile.FOLDERS) {
      GoldenFile file = GoldenFile.read(folder + "schedules.safetensors");
      Map<String, Object> manifest =
          GoldenFile.object(GoldenFile.manifest(folder + "manifest.json").get("schedules"));
      Map<String, Object> schedules = GoldenFile.object(manifest.get("of"));
      schedules.forEach(
          (name, given) -> {
            Schedule schedule = GoldenSchedule.of(name, GoldenFile.object(given));
            List<Double> rates = list(file.doubles(name));
            double base = number(manifest, "base_lr");
            cases.add(new Case(folder + name, schedule, base, 0.9, rates, List.of()));
          });
      assertEquals(file.names().size(), schedules.size(), "schedules without a test");
    }
    GoldenFile more = GoldenFile.read("schedule_cases.safetensors");
    Map<String, Object> moreManifest = GoldenFile.manifest("schedule_cases.json");
    GoldenFile.object(moreManifest.get("of"))
        .forEach(
            (name, given) ->
                cases.add(
                    new Case(
                        name,
                        GoldenSchedule.part(GoldenFile.object(given)),
                        number(moreManifest, "base_lr"),
                        number(moreManifest, "momentum"),
                        list(more.doubles(name + ".lr")),
                        list(more.doubles(name + ".momentum")))));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aSchedulerSetsWhatPyTorchSets(Case c) {
    Recorder optimizer = Recorder.of(c.base, c.momentum);
    Scheduler scheduler = Scheduler.of(c.schedule, optimizer);
    assertTrue(c.rates.size() > 1);
    for (int step = 0; step < c.rates.size(); step++) {
      // One step after its last, a OneCycle of straight lines leads PyTorch below 0.
      double expected =
          c.schedule instanceof OneCycleLr ? Math.max(0, c.rates.get(step)) : c.rates.get(step);
      requireClose(expected, optimizer.learningRate(), c.base, "learning rate, step " + step);
      if (!c.momenta.isEmpty()) {
        requireClose(c.momenta.get(step), optimizer.momentum(), 0, "momentum, step " + step);
      }
      assertEquals(step, scheduler.lastStep());
      if (step + 1 < c.rates.size()) {
        scheduler.step();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aScheduleTellsWhatPyTorchHasAtAnyStep(Case c) {
    for (int step = c.rates.size() - 1; step >= 0; step--) {
      requireClose(
          c.rates.get(step), c.schedule.learningRate(step, c.base), c.base, "step " + step);
      if (!c.momenta.isEmpty()) {
        requireClose(
            c.momenta.get(step),
            c.schedule.momentum(c.momentum, step),
            0,
            "momentum, step " + step);
      }
    }
  }

  static Stream<String> plateaus() {
    Map<String, Object> manifest = GoldenFile.manifest("schedule_cases.json");
    return GoldenFile.object(manifest.get("plateau")).keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("plateaus")
  void aPlateauIsSeenWherePyTorchSeesIt(String name) {
    Map<String, Object> manifest = GoldenFile.manifest("schedule_cases.json");
    Map<String, Object> given =
        GoldenFile.object(GoldenFile.object(manifest.get("plateau")).get(name));
    GoldenFile file = GoldenFile.read("schedule_cases.safetensors");
    double[] metrics = file.doubles("plateau.metric");
    double[] expected = file.doubles(name + ".lr");
    Recorder optimizer = Recorder.of(number(manifest, "base_lr"));
    PlateauScheduler scheduler = PlateauScheduler.of(GoldenSchedule.plateau(given), optimizer);
    assertEquals(expected.length, metrics.length);
    for (int step = 0; step < metrics.length; step++) {
      scheduler.step(metrics[step]);
      requireClose(expected[step], optimizer.learningRate(), 0, "step " + step);
    }
    assertTrue(
        expected[metrics.length - 1] < number(manifest, "base_lr"), "no plateau in the file");
  }

  @Test
  void theFileHasEveryKindOfSchedule() {
    List<String> kinds = cases().map(c -> c.schedule.name()).distinct().sorted().toList();
    assertEquals(
        List.of(
            "ChainedLr",
            "ConstantLr",
            "CosineAnnealingLr",
            "CosineAnnealingWarmRestarts",
            "CyclicLr",
            "ExponentialLr",
            "LambdaLr",
            "LinearLr",
            "MultiStepLr",
            "MultiplicativeLr",
            "OneCycleLr",
            "PolynomialLr",
            "SequentialLr",
            "StepLr"),
        kinds);
  }

  private static List<Double> list(double[] values) {
    return DoubleStream.of(values).boxed().toList();
  }

  private static double number(Map<String, Object> manifest, String key) {
    return ((Number) manifest.get(key)).doubleValue();
  }

  /// Where a rate falls to 0, PyTorch's is what rounding has left of the base, of either sign.
  private static void requireClose(double expected, double actual, double base, String where) {
    double tolerance = Math.max(TOLERANCE * Math.abs(expected), Math.ulp(base));
    assertEquals(expected, actual, tolerance, where);
  }
}
