/// Float arrays off the heap, and the SIMD kernels over them.
module io.github.lanewise.core {
  requires jdk.incubator.vector;
  requires jdk.management;

  exports io.github.lanewise.core;
}
