/// JMH suites that measure the kernels, and what suites share.
package io.github.lanewise.bench.jmh;
