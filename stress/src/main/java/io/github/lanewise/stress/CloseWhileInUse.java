package io.github.lanewise.stress;

import io.github.lanewise.nn.ModelPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A pool is closed while another thread calls it.
///
/// The results: what the close said, what the call answered, and how many bytes are live in the
/// end.
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "the call came first")
@Outcome(id = "0, -1, 0", expect = Expect.ACCEPTABLE, desc = "the call found the pool closed")
@Outcome(id = "-1, 1, 0", expect = Expect.ACCEPTABLE, desc = "the pool was in use, and stayed open")
@Outcome(expect = Expect.FORBIDDEN, desc = "a wrong answer, a lost call, or memory that stays")
@State
public class CloseWhileInUse {
  private final ModelPool pool = ModelPool.of(1, 1, arena -> Subject.model(arena, 1));

  @Actor
  public void close(III_Result r) {
    r.r1 = Subject.attempt(pool::close);
  }

  @Actor
  public void call(III_Result r) {
    r.r2 = Subject.ask(pool);
  }

  @Arbiter
  public void end(III_Result r) {
    pool.close();
    r.r3 = (int) pool.liveBytes();
  }
}
