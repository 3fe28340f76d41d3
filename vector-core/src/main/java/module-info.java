/// Float arrays outside the heap, and the SIMD kernels over them: activations, softmax, losses,
/// matrix products and the loops of optimizers.
///
/// # What it is
///
/// The ground on which the modules `io.github.lanewise.nn` (networks) and
/// `io.github.lanewise.optim` (optimizers) stand, and all that a program needs that wants kernels
/// alone. It has no dependency but the JDK's incubator module with the Vector API, which this
/// module requires: on the module path no flag is needed, on the class path `--add-modules
/// jdk.incubator.vector`.
///
/// # A first example
///
/// A [FloatArray][io.github.lanewise.core.FloatArray] lives in an arena that you open and close. An
/// activation reads one array and writes another, or the same:
///
/// ```java
/// try (Arena arena = Arena.ofConfined()) {
///   FloatArray x = FloatArray.of(arena, -1f, 0f, 2f);
///   FloatArray y = FloatArray.allocate(arena, x.length());
///   Activation.RELU.forward(x, y);
///   System.out.println(y); // [0.0, 0.0, 2.0]
/// }
/// ```
///
/// # What holds everywhere
///
/// - A call runs on the caller's thread and allocates nothing.
/// - It checks its arguments first: lengths, overlap, arenas. If it throws, nothing was written.
/// - The bits of a result depend on the arguments alone: not on the CPU, the width of its vectors,
///   or the number of threads.
/// - A mistake is an exception, never a crash: memory is reached through `MemorySegment` alone.
///
/// # Where to go next
///
/// - [Activation][io.github.lanewise.core.Activation] lists the functions, with their errors in
///   units in the last place; [Softmax][io.github.lanewise.core.Softmax] and
///   [CrossEntropy][io.github.lanewise.core.CrossEntropy] work on rows,
///   [Gemm][io.github.lanewise.core.Gemm] on matrices.
/// - [Platform][io.github.lanewise.core.Platform] tells what this JVM runs on, and what is missing.
/// - Networks are in the module `io.github.lanewise.nn`, optimizers in `io.github.lanewise.optim`.
module io.github.lanewise.core {
  requires jdk.incubator.vector;
  requires jdk.management;

  exports io.github.lanewise.core;
}
