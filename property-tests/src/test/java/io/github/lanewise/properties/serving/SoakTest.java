package io.github.lanewise.properties.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lanewise.core.Activation;
import io.github.lanewise.core.FloatArray;
import io.github.lanewise.nn.CountingArena;
import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Lease;
import io.github.lanewise.nn.Linear;
import io.github.lanewise.nn.Loss;
import io.github.lanewise.nn.Model;
import io.github.lanewise.nn.ModelPool;
import io.github.lanewise.nn.Sequential;
import io.github.lanewise.nn.TrainingSession;
import io.github.lanewise.nn.io.ModelFile;
import io.github.lanewise.optim.Optimizer;
import io.github.lanewise.optim.rule.AdamConfig;
import io.github.lanewise.properties.support.ResidentMemory;
import io.github.lanewise.properties.support.Samples;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Threads of both kinds create, warm up, call, train, save, load, swap and close models, all at
/// once: for some seconds in every build, for 20 minutes in the profile `soak`.
///
/// In the end no byte is live, and every answer was the one of a single quiet thread.
class SoakTest {
  private static final Duration IN_EVERY_BUILD = Duration.ofSeconds(5);
  private static final Duration SOAK = Duration.ofMinutes(20);

  private static final int THREADS = 4;
  private static final int ROWS = 13;
  private static final Sequential NETWORK =
      Sequential.of(Linear.of(20, 40), Activation.GELU, Linear.of(40, 5));

  private static final float[] FEATURES = Samples.normal(1, ROWS * 20, 1);
  private static final int[] LABELS = Samples.classes(2, ROWS, 5);

  @TempDir Path directory;

  /// What the models with seeds 0 and 1 answer, and what training makes of them.
  private final float[][] answers = new float[2][];

  private final float[][] trained = new float[2][];
  private final AtomicLong liveBytes = new AtomicLong();
  private final AtomicLong done = new AtomicLong();

  /// Work in an arena of its own, which is closed after it.
  @FunctionalInterface
  private interface Work {
    void run(Arena arena) throws Exception;
  }

  @Test
  void nothingIsLostLeakedOrWrong() throws Exception {
    soak(IN_EVERY_BUILD);
  }

  @Test
  @Tag("soak")
  void nothingIsLostLeakedOrWrongInTwentyMinutes() throws Exception {
    long[] resident = soak(SOAK);
    System.out.printf(
        "%d works; resident %d kB after the first tenth, %d kB in the end%n",
        done.get(), resident[0], resident[1]);
    assertTrue(
        resident[1] <= resident[0] * 1.01,
        () -> "resident memory grew from %d to %d kB".formatted(resident[0], resident[1]));
  }

  /// Returns the resident memory after the first tenth and in the end, in kB.
  private long[] soak(Duration duration) throws Exception {
    for (int seed = 0; seed < 2; seed++) {
      try (Arena arena = Arena.ofConfined()) {
        Model model = NETWORK.initialize(arena, seed);
        answers[seed] = answer(model.inference(arena, ROWS));
        trained[seed] = train(model, arena);
      }
    }
    long end = System.nanoTime() + duration.toNanos();
    long[] resident = new long[2];
    ModelPool pool = ModelPool.of(3, ROWS, arena -> NETWORK.initialize(arena, 0).serve(arena));
    try (ExecutorService platform = Executors.newFixedThreadPool(THREADS);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int number = i;
        threads.add(platform.submit(() -> work(pool, end, number)));
        threads.add(virtual.submit(() -> work(pool, end, THREADS + number)));
      }
      threads.add(virtual.submit(() -> swap(pool, end)));
      Thread.sleep(duration.dividedBy(10));
      resident[0] = ResidentMemory.kilobytes();
      for (Future<?> thread : threads) {
        thread.get();
      }
      resident[1] = ResidentMemory.kilobytes();
    }
    pool.close();
    assertEquals(0, pool.liveBytes());
    assertEquals(0, liveBytes.get());
    assertTrue(done.get() > 10L * THREADS, () -> "only " + done + " works");
    return resident;
  }

  private Void swap(ModelPool pool, long end) throws InterruptedException {
    for (long i = 1; System.nanoTime() < end; i++) {
      long seed = i % 2;
      pool.swap(arena -> NETWORK.initialize(arena, seed).serve(arena));
      Thread.sleep(5);
    }
    return null;
  }

  private Void work(ModelPool pool, long end, int number) throws Exception {
    SplittableRandom random = new SplittableRandom(number);
    while (System.nanoTime() < end) {
      int seed = random.nextInt(2);
      switch (random.nextInt(20)) {
        case 0 -> inArena(arena -> save(arena, seed, number));
        case 1 -> inArena(arena -> createAndClose(arena, seed));
        case 2, 3 ->
            inArena(
                arena ->
                    assertArrayEquals(
                        trained[seed], train(NETWORK.initialize(arena, seed), arena)));
        case 4 -> {
          if (random.nextInt(50) == 0) {
            pool.warmUp(1);
          }
        }
        default -> call(pool);
      }
      done.incrementAndGet();
    }
    return null;
  }

  private void inArena(Work work) throws Exception {
    CountingArena counted;
    try (Arena arena = Arena.ofShared()) {
      counted = CountingArena.over(arena);
      work.run(counted);
    }
    liveBytes.addAndGet(counted.liveBytes());
  }

  private void call(ModelPool pool) {
    float[] outputs = new float[ROWS * 5];
    try (Lease lease = pool.borrow()) {
      lease.forward(FEATURES, outputs);
      assertArrayEquals(answers[(int) (lease.generation() % 2)], outputs);
    }
  }

  private void save(Arena arena, int seed, int number) throws IOException {
    Path file = directory.resolve(number + ".safetensors");
    ModelFile.of(NETWORK.initialize(arena, seed)).write(file);
    InferenceSession session = ModelFile.read(arena, file).serve(arena).session(arena, ROWS);
    assertArrayEquals(answers[seed], answer(session));
  }

  private void createAndClose(Arena arena, int seed) {
    Model model = NETWORK.initialize(arena, seed);
    try (ModelPool pool = ModelPool.of(1, ROWS, model::serve)) {
      float[] outputs = new float[ROWS * 5];
      pool.forward(FEATURES, outputs);
      assertArrayEquals(answers[seed], outputs);
    }
    InferenceSession session = model.inference(arena, ROWS);
    session.refresh();
    assertArrayEquals(answers[seed], answer(session));
  }

  private static float[] answer(InferenceSession session) {
    float[] outputs = new float[ROWS * 5];
    session.forward(FEATURES, outputs);
    return outputs;
  }

  /// Returns the outputs of a model after some steps.
  private static float[] train(Model model, Arena arena) {
    TrainingSession session = model.training(arena, ROWS, Loss.crossEntropy());
    Optimizer adam = Optimizer.of(arena, model.parameters(), AdamConfig.DEFAULT);
    FloatArray x = FloatArray.of(arena, FEATURES);
    for (int step = 0; step < 3; step++) {
      session.forward(x, LABELS);
      adam.zeroGrad();
      session.backward();
      adam.step();
    }
    return answer(model.inference(arena, ROWS));
  }
}
