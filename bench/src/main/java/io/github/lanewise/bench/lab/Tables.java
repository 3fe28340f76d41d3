package io.github.lanewise.bench.lab;

import java.util.LinkedHashMap;
import java.util.Map;

/// The numbers of a [Findings] as CSV files, one row for each observation.
public final class Tables {
  private Tables() {}

  /// {@return the text of each file, by its name}
  ///
  /// @param findings what was found
  public static Map<String, String> of(Findings findings) {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("losses.csv", losses(findings));
    files.put("sweep.csv", sweep(findings));
    files.put("twins.csv", twins(findings));
    files.put("precision.csv", precision(findings));
    files.put("profiles.csv", profiles(findings));
    files.put("parity.csv", parity(findings));
    return files;
  }

  private static String losses(Findings findings) {
    StringBuilder csv = new StringBuilder("problem,optimizer,learning_rate,seed,step,loss,x,y\n");
    int[] recorded = findings.plan().recorded();
    for (Run run : findings.runs()) {
      for (int seed = 1; seed <= run.trials().size(); seed++) {
        Trial trial = run.trials().get(seed - 1);
        for (int i = 0; i < recorded.length; i++) {
          row(csv, run.problem().key(), run.candidate().name(), run.lr(), seed, recorded[i]);
          csv.append(',').append(trial.losses()[i]).append(',');
          if (trial.path().length > 0) {
            csv.append(trial.path()[i][0]).append(',').append(trial.path()[i][1]);
          } else {
            csv.append(',');
          }
          csv.append('\n');
        }
      }
    }
    return csv.toString();
  }

  private static String sweep(Findings findings) {
    StringBuilder csv = new StringBuilder("problem,optimizer,learning_rate,low,median,high\n");
    for (Run run : findings.runs()) {
      for (int i = 0; i < run.sweep().size(); i++) {
        Spread spread = run.sweep().get(i);
        double lr = findings.plan().rates().get(i);
        row(csv, run.problem().key(), run.candidate().name(), lr, spread.low(), spread.median());
        csv.append(',').append(spread.high()).append('\n');
      }
    }
    return csv.toString();
  }

  private static String twins(Findings findings) {
    StringBuilder csv = new StringBuilder("problem,optimizer,learning_rate,step,ulps\n");
    for (int k = 0; k < findings.runs().size(); k++) {
      Run run = findings.runs().get(k);
      long[] ulps = findings.twins().get(k);
      for (int step = 1; step <= ulps.length; step++) {
        row(csv, run.problem().key(), run.candidate().name(), run.lr(), step, ulps[step - 1]);
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static String precision(Findings findings) {
    StringBuilder csv = new StringBuilder("problem,optimizer,learning_rate,kind,step,drift\n");
    int[] recorded = findings.plan().recorded();
    for (int k = 0; k < findings.runs().size(); k++) {
      Run run = findings.runs().get(k);
      for (Precision each : findings.precisions().get(k)) {
        for (int i = 0; i < recorded.length; i++) {
          row(csv, run.problem().key(), run.candidate().name(), run.lr(), each.kind().words());
          csv.append(',').append(recorded[i]).append(',').append(each.drift()[i]).append('\n');
        }
      }
    }
    return csv.toString();
  }

  private static String profiles(Findings findings) {
    StringBuilder csv = new StringBuilder("optimizer,factor,share\n");
    double[][] shares = Profiles.of(findings.plan(), findings.runs());
    for (int rule = 0; rule < shares.length; rule++) {
      String name = findings.plan().candidates().get(rule).name();
      for (int i = 0; i < shares[rule].length; i++) {
        row(csv, name, Profiles.factors()[i], shares[rule][i]);
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static String parity(Findings findings) {
    StringBuilder csv = new StringBuilder("optimizer,library,reference,settings,step,ulps\n");
    for (Parity parity : findings.parities()) {
      for (int step = 1; step <= Parity.STEPS; step++) {
        row(
            csv,
            parity.dialect().optimizer(),
            parity.dialect().library(),
            parity.reference().library(),
            "\"" + parity.variant().words() + "\"",
            step,
            (long) parity.differences()[step - 1]);
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static void row(StringBuilder csv, Object... cells) {
    for (int i = 0; i < cells.length; i++) {
      csv.append(i == 0 ? "" : ",").append(cells[i]);
    }
  }
}
