/// Kernels that were tried and lost, beside those that are shipped: one class for each function,
/// headed by the idea, the figures with their machines, and the verdict.
///
/// Every method is a JMH benchmark over [Arrays]. Its name says whether it is shipped, lost, or a
/// bound, and which number it has in the heading.
package io.github.lanewise.bench.jmh.attempts;
