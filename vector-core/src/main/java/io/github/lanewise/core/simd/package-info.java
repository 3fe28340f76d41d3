/// The ground floor of the kernels: the one vector species of this JVM (`Lanes`), the way each loop
/// is compiled (`Loop`), loops over arrays of any length (`Elementwise`), scratch memory
/// (`Scratch`) and zeros (`Zeros`). The facades and all kernel packages call it; it imports nothing
/// else of Lanewise.
package io.github.lanewise.core.simd;
