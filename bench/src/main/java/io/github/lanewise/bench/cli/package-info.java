/// The command line: one class for each command, and what commands share.
package io.github.lanewise.bench.cli;
