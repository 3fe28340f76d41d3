package io.github.lanewise.bench.cli;

import io.github.lanewise.core.Platform;
import io.github.lanewise.nn.io.FileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line, whose commands are the classes named `...Command`.
///
/// Results go to the standard output. Bad input ends in one line on the standard error and exit
/// code 2; a mistake of ours ends in one line that asks to report it, and exit code 1.
@Command(
    name = "lanewise",
    description = "Neural networks on SIMD kernels in pure Java.",
    mixinStandardHelpOptions = true,
    versionProvider = Lanewise.Version.class)
public final class Lanewise implements Runnable {
  /// The library logs the platform, which the commands print themselves, so [#main] turns the log
  /// off. A logger and its setting last only as long as something refers to it: this field does.
  private static final Logger LOG = Logger.getLogger("io.github.lanewise");

  private static final String ISSUES = "https://github.com/lanewise/lanewise/issues";

  @Spec CommandSpec spec;

  private Lanewise() {}

  /// Runs the command of a user and ends the JVM with its exit code.
  @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again where there is no terminal
  public static void main(String[] args) {
    LOG.setLevel(Level.OFF);
    boolean terminal = System.console() != null && System.console().isTerminal();
    System.exit(run(System.out, System.err, terminal, args));
  }

  /// Runs a command, and returns the exit code.
  ///
  /// @param terminal whether `out` can show a progress bar, which redraws itself
  static int run(PrintStream out, PrintStream err, boolean terminal, String... args) {
    CommandLine commandLine = commandLine(out, err, terminal);
    try {
      return commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      return refuse(err, "there is not enough memory for this network and data: " + e.getMessage());
    } catch (Error e) {
      return ourFault(err, e);
    }
  }

  /// All commands with their options.
  static CommandLine commandLine(PrintStream out, PrintStream err, boolean terminal) {
    return new CommandLine(new Lanewise())
        .addSubcommand(new TrainCommand(out, terminal))
        .addSubcommand(new PredictCommand(out, terminal))
        .addSubcommand(new ConvertCommand(out))
        .addSubcommand(new InfoCommand(out))
        .addSubcommand(new AccuracyCommand(out))
        .addSubcommand(new CompareCommand(out))
        .addSubcommand(new OptimizersCommand(out, terminal))
        .addSubcommand(new LatencyCommand(out))
        .addSubcommand(new BenchCommand())
        .addSubcommand(new AutoComplete.GenerateCompletion())
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, ignored) -> refuse(err, problem(e)))
        .setExecutionExceptionHandler((e, ignored, parsed) -> fail(err, e));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command: name one of " + spec.subcommands().keySet());
  }

  /// Describes what is wrong with the arguments: in our words if no command knows one of them,
  /// else in those of the exception. A misspelt option is named, and not what is missing for it.
  private static String problem(ParameterException e) {
    List<String> unknown = e.getCommandLine().getUnmatchedArguments();
    boolean isMissing = e instanceof MissingParameterException && !unknown.isEmpty();
    if (!isMissing && !(e instanceof UnmatchedArgumentException)) {
      return e.getMessage();
    }
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String argument = unknown.getFirst();
    if (command.subcommands().isEmpty()) {
      return command.name()
          + " has no option '"
          + argument
          + "': "
          + command.name()
          + " --help lists them";
    }
    return "'" + argument + "' is no command: name one of " + command.subcommands().keySet();
  }

  private static int fail(PrintStream err, Exception e) {
    if (e instanceof FileException || e instanceof ParameterException) {
      return refuse(err, e.getMessage());
    }
    return ourFault(err, e);
  }

  private static int ourFault(PrintStream err, Throwable e) {
    StackTraceElement[] trace = e.getStackTrace();
    refuse(
        err,
        "this is a mistake of Lanewise, please report it with the command to %s: %s at %s"
            .formatted(ISSUES, e, trace.length == 0 ? "an unknown place" : trace[0]));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static int refuse(PrintStream err, String problem) {
    err.println(problem.lines().map(String::strip).collect(Collectors.joining("; ")));
    return CommandLine.ExitCode.USAGE;
  }

  /// Requires that the kernels can run in this JVM, and describes on what they run.
  static String platform(CommandSpec command) {
    try {
      return Platform.describe();
    } catch (IllegalStateException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }

  /// Returns the name and version of this program, for what it writes.
  static String name() {
    try (InputStream in = Lanewise.class.getResourceAsStream("version.txt")) {
      byte[] version = Objects.requireNonNull(in, "version.txt is missing").readAllBytes();
      return "lanewise " + new String(version, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("version.txt cannot be read", e);
    }
  }

  /// The versions of Lanewise and of Java, for `--version`.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {name(), "Java " + Runtime.version()};
    }
  }
}
