package io.github.lanewise.bench.jmh;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.VerboseMode;

/// Runs JMH with JMH's own arguments, and adds the values of the parameters that the library lists.
///
/// The values in a `@Param` annotation are constants, so a list of all activations there would have
/// to be kept in step by hand. Such a parameter has the value [#ALL] in its annotation. Here it
/// gets the values that the library lists, unless the arguments name some; JMH's own `Main` cannot
/// know them, so there the arguments have to.
public final class Suites {
  /// Stands in an annotation for every value that the library lists.
  static final String ALL = "all";

  private static final Map<String, List<String>> LISTED =
      Map.of(
          ActivationBench.PARAMETER, ActivationBench.names(),
          OptimizerBench.PARAMETER, OptimizerBench.names());

  private Suites() {}

  /// Runs the benchmarks that the arguments select, or prints what they ask for: help or a list.
  ///
  /// @throws CommandLineOptionException if JMH does not understand the arguments
  /// @throws RunnerException if no benchmark is selected, or one fails
  public static void run(List<String> arguments)
      throws CommandLineOptionException, RunnerException, IOException {
    CommandLineOptions given = new CommandLineOptions(arguments.toArray(String[]::new));
    List<String> completed = new ArrayList<>(arguments);
    LISTED.forEach(
        (parameter, values) -> {
          if (!given.getParameter(parameter).hasValue()) {
            completed.add("-p");
            completed.add(parameter + "=" + String.join(",", values));
          }
        });
    String[] all = completed.toArray(String[]::new);
    CommandLineOptions options = new CommandLineOptions(all);
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    if (BenchmarkList.defaultList()
        .find(silent, options.getIncludes(), options.getExcludes())
        .isEmpty()) {
      // The runner would first ask for the lock that another run on this machine may hold.
      throw new NoBenchmarksException();
    }
    if (options.shouldHelp()
        || options.shouldList()
        || options.shouldListWithParams()
        || options.shouldListProfilers()
        || options.shouldListResultFormats()) {
      org.openjdk.jmh.Main.main(all);
    } else {
      new Runner(options).run();
    }
  }
}
