/// Truth in double precision for every function of one float, and the measure of a kernel's error:
/// what the accuracy report and the property tests share.
package io.github.lanewise.bench.accuracy;
