package io.github.lanewise.stress;

import io.github.lanewise.nn.InferenceSession;
import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Two threads call one session.
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "one after the other")
@Outcome(
    id = {"1, -1", "-1, 1"},
    expect = Expect.ACCEPTABLE,
    desc = "the second one is refused")
@Outcome(expect = Expect.FORBIDDEN, desc = "a wrong answer, or none for either")
@State
public class TwoThreadsInASession {
  private final Arena arena = Arena.ofShared();
  private final InferenceSession session = Subject.model(arena, 1).session(arena, 1);

  @Actor
  public void one(II_Result r) {
    r.r1 = Subject.ask(session);
  }

  @Actor
  public void other(II_Result r) {
    r.r2 = Subject.ask(session);
  }

  @Arbiter
  public void end(II_Result r) {
    arena.close();
  }
}
