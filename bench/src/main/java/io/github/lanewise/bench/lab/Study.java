package io.github.lanewise.bench.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Carries out a [Plan] on some threads. The numbers do not depend on how many.
public final class Study {
  private final Plan plan;
  private final Runnable afterTask;
  private final ExecutorService executor;

  private Study(Plan plan, ExecutorService executor, Runnable afterTask) {
    this.plan = plan;
    this.executor = executor;
    this.afterTask = afterTask;
  }

  /// {@return the number of tasks of a plan}
  ///
  /// @param plan what is to be done
  public static int tasks(Plan plan) {
    int pairs = plan.problems().size() * plan.candidates().size();
    int costs = plan.isTimed() ? plan.candidates().size() : 0;
    return pairs * (plan.rates().size() + 3) + costs;
  }

  /// {@return what came out}
  ///
  /// @param plan what is to be done
  /// @param threads how many work on it
  /// @param afterTask called by this thread after each task
  /// @throws InterruptedException if this thread is interrupted
  public static Findings run(Plan plan, int threads, Runnable afterTask)
      throws InterruptedException {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      return new Study(plan, executor, afterTask).run();
    } finally {
      executor.shutdownNow();
    }
  }

  private Findings run() throws InterruptedException {
    List<Run> runs = runs();
    List<Callable<long[]>> twins = new ArrayList<>();
    for (Run run : runs) {
      twins.add(
          () ->
              run.candidate().twin() == null
                  ? new long[0]
                  : Twin.differences(run.candidate(), run.problem(), run.lr(), plan.steps(), 1));
    }
    List<long[]> differences = all(twins);
    List<Callable<List<Precision>>> precise = new ArrayList<>();
    for (Run run : runs) {
      int[] recorded = plan.recorded();
      precise.add(() -> Precision.of(run.candidate(), run.problem(), run.lr(), recorded, 1));
    }
    List<List<Precision>> precisions = all(precise);
    List<Parity> parities = new ArrayList<>();
    List<Double> costs = new ArrayList<>();
    for (Candidate candidate : plan.candidates()) {
      parities.addAll(Parity.of(candidate.name()));
      if (plan.isTimed()) {
        costs.add(Cost.nanosPerParameter(candidate));
        afterTask.run();
      }
    }
    return new Findings(plan, runs, differences, precisions, parities, costs);
  }

  private List<Run> runs() throws InterruptedException {
    List<Callable<Spread>> sweep = new ArrayList<>();
    for (Problem problem : plan.problems()) {
      for (Candidate candidate : plan.candidates()) {
        for (double lr : plan.rates()) {
          sweep.add(() -> finalLosses(candidate, problem, lr));
        }
      }
    }
    List<Spread> finals = all(sweep);
    List<Callable<Run>> best = new ArrayList<>();
    int from = 0;
    for (Problem problem : plan.problems()) {
      for (Candidate candidate : plan.candidates()) {
        List<Spread> own = finals.subList(from, from + plan.rates().size());
        from += own.size();
        best.add(() -> trials(candidate, problem, own));
      }
    }
    return all(best);
  }

  private Spread finalLosses(Candidate candidate, Problem problem, double lr) {
    double[] losses = new double[plan.seeds()];
    for (int seed = 1; seed <= losses.length; seed++) {
      losses[seed - 1] = Trial.finalLoss(candidate, problem, lr, plan.steps(), seed);
    }
    return Spread.of(losses);
  }

  private Run trials(Candidate candidate, Problem problem, List<Spread> sweep) {
    int best = 0;
    for (int i = 1; i < sweep.size(); i++) {
      if (sweep.get(i).median() < sweep.get(best).median()) {
        best = i;
      }
    }
    double lr = plan.rates().get(best);
    List<Trial> trials = new ArrayList<>();
    for (int seed = 1; seed <= plan.seeds(); seed++) {
      trials.add(Trial.run(candidate, problem, lr, plan.recorded(), seed));
    }
    return new Run(candidate, problem, lr, sweep, best, trials);
  }

  /// Runs tasks on all threads, and returns their results in order.
  private <T> List<T> all(List<Callable<T>> tasks) throws InterruptedException {
    List<Future<T>> futures = new ArrayList<>();
    tasks.forEach(each -> futures.add(executor.submit(each)));
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException problem) {
          throw problem;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new IllegalStateException(e.getCause());
      }
      afterTask.run();
    }
    return results;
  }
}
