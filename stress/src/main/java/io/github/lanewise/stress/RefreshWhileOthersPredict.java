package io.github.lanewise.stress;

import io.github.lanewise.nn.InferenceSession;
import io.github.lanewise.nn.Model;
import java.lang.foreign.Arena;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A session takes a new snapshot while another thread calls.
public final class RefreshWhileOthersPredict {
  private RefreshWhileOthersPredict() {}

  /// The results: what the refresh said, what the call answered, and what a call answers in the
  /// end.
  @JCStressTest
  @Outcome(
      id = {"0, 1, 2", "0, 2, 2"},
      expect = Expect.ACCEPTABLE,
      desc = "one after the other")
  @Outcome(id = "0, -1, 2", expect = Expect.ACCEPTABLE, desc = "the call is refused")
  @Outcome(id = "-1, 1, 1", expect = Expect.ACCEPTABLE, desc = "the refresh is refused")
  @Outcome(expect = Expect.FORBIDDEN, desc = "half a snapshot, or a lost call")
  @State
  public static class TheSameSession extends Sessions {
    @Actor
    public void refresh(III_Result r) {
      r.r1 = Subject.attempt(refreshed::refresh);
    }

    @Actor
    public void call(III_Result r) {
      r.r2 = Subject.ask(refreshed);
    }

    @Arbiter
    public void end(III_Result r) {
      r.r3 = Subject.ask(refreshed);
      arena.close();
    }
  }

  /// The results: what the refresh said, what another session answered meanwhile, and what it
  /// answers in the end.
  @JCStressTest
  @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "its own snapshot")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the snapshot of another session, or a lost call")
  @State
  public static class AnotherSession extends Sessions {
    @Actor
    public void refresh(III_Result r) {
      r.r1 = Subject.attempt(refreshed::refresh);
    }

    @Actor
    public void call(III_Result r) {
      r.r2 = Subject.ask(other);
    }

    @Arbiter
    public void end(III_Result r) {
      r.r3 = Subject.ask(other);
      arena.close();
    }
  }

  /// Two sessions with snapshots of model 1, whose parameters are those of model 2 by now.
  abstract static class Sessions {
    final Arena arena = Arena.ofShared();
    final InferenceSession refreshed;
    final InferenceSession other;

    Sessions() {
      Model model = Subject.NETWORK.initialize(arena, 1);
      Subject.fill(model.stateDict(), 1);
      refreshed = model.inference(arena, 1);
      other = model.inference(arena, 1);
      Subject.fill(model.stateDict(), 2);
    }
  }
}
