package io.github.lanewise.stress;

import io.github.lanewise.nn.InferenceSession;
import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// The arena of a session is closed by another thread than the one that calls.
///
/// The results: what the close said, what the call answered, and what a call says in the end.
@JCStressTest
@Outcome(id = "0, 1, -1", expect = Expect.ACCEPTABLE, desc = "the call came first")
@Outcome(id = "0, -1, -1", expect = Expect.ACCEPTABLE, desc = "the call found the arena closed")
@Outcome(expect = Expect.FORBIDDEN, desc = "a wrong answer, or one from memory that is free")
@State
public class ArenaClosedInUse {
  private final Arena arena = Arena.ofShared();
  private final InferenceSession session = Subject.model(arena, 1).session(arena, 1);

  @Actor
  public void close(III_Result r) {
    r.r1 = Subject.attempt(arena::close);
  }

  @Actor
  public void call(III_Result r) {
    r.r2 = Subject.ask(session);
  }

  @Arbiter
  public void end(III_Result r) {
    r.r3 = Subject.ask(session);
  }
}
