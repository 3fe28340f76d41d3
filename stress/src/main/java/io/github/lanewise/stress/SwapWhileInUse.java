package io.github.lanewise.stress;

import io.github.lanewise.nn.ModelPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/// The model of a pool is replaced while another thread calls the pool.
///
/// The results: what the swap said, which model answered meanwhile, which one answers in the end,
/// and how many bytes are live beside its own.
@JCStressTest
@Outcome(
    id = {"0, 1, 2, 0", "0, 2, 2, 0"},
    expect = Expect.ACCEPTABLE,
    desc = "the old model or the new one")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lost call, a mixture, or memory that stays")
@State
public class SwapWhileInUse {
  private final ModelPool pool = ModelPool.of(2, 1, arena -> Subject.model(arena, 1));

  @Actor
  public void swap(IIII_Result r) {
    r.r1 = Subject.attempt(() -> pool.swap(arena -> Subject.model(arena, 2)));
  }

  @Actor
  public void call(IIII_Result r) {
    r.r2 = Subject.ask(pool);
  }

  @Arbiter
  public void end(IIII_Result r) {
    r.r3 = Subject.ask(pool);
    r.r4 = (int) (pool.liveBytes() - pool.modelBytes());
    pool.close();
  }
}
