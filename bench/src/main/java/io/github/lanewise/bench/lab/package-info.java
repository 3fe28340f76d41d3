/// The optimizer lab: what an update rule does on small problems, whether it does what its paper
/// says, what states of low precision do to it, and what it costs.
///
/// Everything but measured times depends on the settings alone: two runs give the same numbers, bit
/// for bit, however many threads work on them.
package io.github.lanewise.bench.lab;
