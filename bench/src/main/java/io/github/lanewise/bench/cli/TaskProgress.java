package io.github.lanewise.bench.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Shows how many of a number of tasks are done: on a terminal as a bar, elsewhere as ten lines.
final class TaskProgress implements AutoCloseable {
  private static final int COLUMNS = 100;
  private static final int LINES = 10;

  private final PrintStream out;
  private final int tasks;
  private final ProgressBar bar;
  private int done;

  TaskProgress(PrintStream out, boolean terminal, int tasks) {
    this.out = out;
    this.tasks = tasks;
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName("runs")
                .setInitialMax(tasks)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(out, COLUMNS))
                .build()
            : null;
  }

  /// Reports that a task is done.
  void step() {
    done++;
    if (bar != null) {
      bar.step();
    } else if ((long) done * LINES / tasks > (done - 1L) * LINES / tasks) {
      out.printf("%d of %d tasks done%n", done, tasks);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
