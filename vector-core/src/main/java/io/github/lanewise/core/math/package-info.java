/// Elementary functions and the mathematics of activations, as methods that take and return a
/// vector. The kernels of `activation`, `rows` and `loss` call them inside their loops; the package
/// may import `simd` alone.
package io.github.lanewise.core.math;
