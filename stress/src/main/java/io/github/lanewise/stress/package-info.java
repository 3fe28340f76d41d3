/// What two threads may see of a session or a pool that both use at once, for the tool jcstress:
/// the right answer or the typed exception, and nothing else.
package io.github.lanewise.stress;
