package io.github.lanewise.bench.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// Shows the progress of a training: one line for each file and each epoch, and on a terminal a bar
/// that redraws itself while the file is read or the epoch runs.
final class Progress {
  private static final int COLUMNS = 100;
  private static final int UPDATE_MILLIS = 200;

  private final PrintStream out;
  private final boolean terminal;
  private int epochs;
  private long rowsPerEpoch;
  private Epoch current;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /// Says what the epochs to come are like.
  void plan(int epochs, int rowsPerEpoch) {
    this.epochs = epochs;
    this.rowsPerEpoch = rowsPerEpoch;
  }

  /// A file that is read: one line about it, and on a terminal a bar until it is closed.
  final class Reading implements AutoCloseable {
    private final ProgressBar bar;

    private Reading(Path file) {
      long bytes = file.toFile().length(); // 0 for a pipe
      out.println("reading " + file + (bytes > 0 ? size(bytes) : ""));
      this.bar = terminal ? bar("reading", Math.max(0, bytes >> 10), " KiB", out) : null;
    }

    private static String size(long bytes) {
      return String.format(Locale.ROOT, ", %.1f MB", bytes / 1e6);
    }

    /// Reports how many bytes of the file have been read.
    void bytes(long read) {
      if (bar != null) {
        bar.stepTo(read >> 10);
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        clear();
      }
    }
  }

  /// Begins to read a file.
  Reading read(Path file) {
    return new Reading(file);
  }

  private void clear() {
    out.print("\r" + " ".repeat(COLUMNS) + "\r");
  }

  /// An epoch that runs.
  final class Epoch {
    private final int number;
    private final long begin = System.nanoTime();
    private final ProgressBar bar;
    private long updated = begin;

    private Epoch(int number) {
      this.number = number;
      this.bar =
          terminal ? bar("epoch " + number + "/" + epochs, rowsPerEpoch, " rows", out) : null;
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
  }

  private static ProgressBar bar(String task, long maximum, String unit, PrintStream out) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(maximum)
        .setUnit(unit, 1)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(UPDATE_MILLIS)
        .setConsumer(new ConsoleProgressBarConsumer(out, COLUMNS))
        .hideEta()
        .showSpeed()
        .build();
  }

  /// Begins an epoch, which is counted from 1.
  Epoch begin(int epoch) {
    current = new Epoch(epoch);
    return current;
  }

  /// Ends the epoch that runs before it is over.
  void interrupt() {
    if (current.bar != null) {
      current.bar.close();
      clear();
    }
  }

  /// Ends the epoch that runs, and prints its line.
  ///
  /// @param validation the mean loss of the rows that are not trained on; NaN if there are none
  void end(double loss, double validation) {
    if (current.bar != null) {
      current.bar.close();
      clear();
    }
    out.printf(
        Locale.ROOT,
        "epoch %d/%d: loss %.4f%s, %,.0f rows/s%n",
        current.number,
        epochs,
        loss,
        Double.isNaN(validation)
            ? ""
            : String.format(Locale.ROOT, ", validation loss %.4f", validation),
        rowsPerEpoch * 1e9 / Math.max(1, System.nanoTime() - current.begin));
  }
}
