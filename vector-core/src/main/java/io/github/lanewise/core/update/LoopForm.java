package io.github.lanewise.core.update;

import static java.lang.reflect.AccessFlag.PRIVATE;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodTransform;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What the loop of a rule does besides the rule.
///
/// A rule is written as one loop, on states in float32. Its other forms are made at run time out of
/// its class file, so that each formula stands once, and what a form adds costs almost nothing:
/// loops of their own before and after the rule, one chunk after the other, take 0.1 ns a parameter
/// for each state in bfloat16, and 0.08 to 0.2 for the gradient.
///
/// A form is made only of a loop that uses its arguments as those of this package do; see
/// `package-info`. For others there are loops before and after the rule.
///
/// @param isBfloat16 whether the states are in bfloat16
/// @param isClipped whether the elements of the gradient are clipped
/// @param isDecayed whether the L2 penalty is added to the gradient
public record LoopForm(boolean isBfloat16, boolean isClipped, boolean isDecayed) {
  /// See "At most 80 calls of the Vector API in a method" in `core.simd.Loop`.
  private static final int MOST_CALLS = 80;

  private static final List<LoopForm> ALL =
      IntStream.range(0, 8)
          .mapToObj(i -> new LoopForm((i & 1) != 0, (i & 2) != 0, (i & 4) != 0))
          .toList();

  /// The number of forms.
  public static final int COUNT = ALL.size();

  /// Returns a form, always the same object.
  public static LoopForm of(boolean isBfloat16, boolean isClipped, boolean isDecayed) {
    return ALL.get(index(isBfloat16, isClipped, isDecayed));
  }

  private static int index(boolean isBfloat16, boolean isClipped, boolean isDecayed) {
    return (isBfloat16 ? 1 : 0) | (isClipped ? 2 : 0) | (isDecayed ? 4 : 0);
  }

  /// Returns the position of this form among all.
  public int index() {
    return index(isBfloat16, isClipped, isDecayed);
  }

  /// Returns a class file like that of a kernel, whose loop of that name has this form; or nothing,
  /// if the loop cannot have it.
  ///
  /// @param kernel the class file of the kernel
  /// @param name the name of the loop, which no other method has that is not private
  public Optional<byte[]> derive(byte[] kernel, String name) {
    ClassFile file = ClassFile.of();
    LoopRewriter rewriter = new LoopRewriter(this);
    byte[] derived =
        file.transformClass(
            file.parse(kernel),
            ClassTransform.transformingMethods(
                method -> method.methodName().equalsString(name) && !method.flags().has(PRIVATE),
                MethodTransform.transformingCode(rewriter)));
    boolean isMade = rewriter.isDone() && rewriter.calls() <= MOST_CALLS;
    return isMade ? Optional.of(derived) : Optional.empty();
  }
}
