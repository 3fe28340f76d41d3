/// Data sets that need no file.
package io.github.lanewise.bench.data;
