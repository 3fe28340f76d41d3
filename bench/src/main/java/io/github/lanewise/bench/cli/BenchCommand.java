package io.github.lanewise.bench.cli;

import io.github.lanewise.bench.jmh.Suites;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/// Runs the JMH suites.
@Command(
    name = "bench",
    customSynopsis = "lanewise bench [REGEXP...] [JMH's options]",
    description = {
      "Runs the JMH benchmarks whose names match a regular expression.",
      "All arguments are JMH's own: -h explains them, -l lists the benchmarks, and -lp lists them"
          + " with the values of their parameters. A benchmark of activations or optimizers runs for"
          + " all of them, unless you name some, as in -p op=gelu,tanh or -p optimizer=adam."
    })
final class BenchCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Show this help message and exit.")
  boolean help;

  @Unmatched List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    Lanewise.platform(spec);
    try {
      Suites.run(arguments);
      return 0;
    } catch (NoBenchmarksException e) {
      throw new ParameterException(
          spec.commandLine(), "no benchmark matches " + arguments + ": bench -l lists them", e);
    } catch (CommandLineOptionException | RunnerException e) {
      throw new ParameterException(spec.commandLine(), "JMH: " + e.getMessage(), e);
    }
  }
}
