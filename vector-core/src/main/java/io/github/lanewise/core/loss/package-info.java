/// One kernel class for each elementwise loss, with the losses beside their gradient, as loops over
/// whole vectors. The facade `ElementwiseLoss` runs them; the package may import `math` and `simd`.
package io.github.lanewise.core.loss;
