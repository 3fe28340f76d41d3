package io.github.lanewise.bench.cli;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Shows the progress of a training: on a terminal as a bar that redraws itself, elsewhere as a few
/// plain lines.
final class Progress implements AutoCloseable {
  private static final int COLUMNS = 100;
  private static final int MAX_LINES = 30;
  private static final int UPDATE_MILLIS = 200;

  private final PrintStream out;
  private final int epochs;
  private final long rowsPerEpoch;
  private final ProgressBar bar;
  private long updated = System.nanoTime();

  Progress(PrintStream out, boolean terminal, int epochs, int rowsPerEpoch) {
    this.out = out;
    this.epochs = epochs;
    this.rowsPerEpoch = rowsPerEpoch;
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName("training")
                .setInitialMax((long) epochs * rowsPerEpoch)
                .setUnit(" rows", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(out, COLUMNS))
                .hideEta()
                .showSpeed()
                .build()
            : null;
  }

  /// Reports a step on so many rows.
  void step(int rows, float loss) {
    if (bar != null) {
      bar.stepBy(rows);
      long now = System.nanoTime();
      if (now - updated > UPDATE_MILLIS * 1_000_000L) {
        updated = now;
        bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4f", loss));
      }
    }
  }

  /// Reports the end of an epoch, which is counted from 1.
  void epoch(int epoch, double meanLoss, long nanos) {
    boolean due = epoch == epochs || epoch % Math.ceilDiv(epochs, MAX_LINES) == 0;
    if (bar == null && due) {
      out.printf(
          Locale.ROOT,
          "epoch %d/%d: loss %.4f, %,.0f rows/s%n",
          epoch,
          epochs,
          meanLoss,
          rowsPerEpoch * 1e9 / nanos);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
