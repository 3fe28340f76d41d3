package io.github.lanewise.optim;

/// The runs of parameters that an optimizer steps over, and what comes before and after a step.
final class Steps {
  private final Groups groups;
  private final Gradients gradients;

  /// Null after a change by which the next step may take its parameters together in other ways.
  private Run[] runs;

  Steps(Groups groups, Gradients gradients) {
    this.groups = groups;
    this.gradients = gradients;
  }

  Run[] runs() {
    runs = runs == null ? Run.of(groups.all()) : runs;
    return runs;
  }

  /// Makes the runs anew before the next step.
  void change() {
    runs = null;
  }

  /// Checks everything, and computes the scalars of a step. Returns false if there is no step to be
  /// made this time.
  boolean begin() {
    groups.requireUsable();
    Gradients.Next next = gradients.next(runs());
    if (next == Gradients.Next.SKIP) {
      endSkips();
    }
    if (next != Gradients.Next.STEP) {
      return false;
    }
    for (Run run : runs) {
      run.prepare(gradients.scale(), gradients.clipValue());
    }
    return true;
  }

  void end() {
    for (Run run : runs) {
      run.count();
    }
    gradients.end();
    endSkips();
  }

  private void endSkips() {
    runs = groups.endSkips() ? null : runs;
  }
}
