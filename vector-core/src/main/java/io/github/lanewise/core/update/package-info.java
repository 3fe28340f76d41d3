/// One kernel class for each optimizer, whose loops update parameters and state in one pass. The
/// facade `FusedUpdates` runs them, block by block; the package may import `simd` alone.
package io.github.lanewise.core.update;
