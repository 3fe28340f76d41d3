/// The loops of optimizers: one class for each rule, and one for each pass around rules.
///
/// # The loop of a rule
///
/// Every rule has the same signature, so that one driver runs them all:
///
/// - `p` and `g` hold the parameters and their gradient. The loop updates p and only reads g.
/// - `s` holds all states of the rule: the first at `sByteOffset`, each further one `sStrideBytes`
///   behind. With one segment for all states a loop has three segments, whatever the rule; see "At
///   most three segments" in `core.simd.Loop`.
/// - `n` elements are updated, a multiple of the vector length. The bits do not depend on how a
///   caller cuts a longer array.
/// - g is multiplied by `scale` as it is read, and p by `shrink`. So clipping, maximizing and
///   decoupled decay need no pass of their own. Both are 1 where there is nothing to do, and a
///   multiplication by 1 changes no bit.
/// - `c` holds the scalars of the rule, which are computed in double once a step.
///
/// # Its other forms
///
/// [LoopForm] makes loops for states in bfloat16, and for a gradient that is clipped or gets the L2
/// penalty, out of this one. For that a loop computes its offsets as `long o = (long) i << 2`,
/// addresses a state by `o` plus what is known before the loop, does nothing with `s` but load and
/// store whole vectors, and multiplies the vectors of p and g as soon as they are loaded: one of p
/// a turn, then that of g.
///
/// The package may import `simd` alone.
package io.github.lanewise.core.update;
