package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A run of floats outside the heap, owned by an [Arena]: the one storage kind of Lanewise.
///
/// An array begins at a multiple of 64 bytes; a [slice][#slice] shares the memory of the array it
/// was taken from. The elements can be used until the arena is closed, and by the threads that the
/// arena admits; the object itself is immutable. Using a closed array throws
/// [IllegalStateException], using one of a confined arena from another thread
/// [WrongThreadException]. Nothing here can crash the JVM.
public final class FloatArray {
  /// Where arrays begin: a cache line, and the widest vector.
  private static final long ALIGNMENT_BYTES = 64;

  /// How many elements [#toString] shows.
  private static final int SHOWN = 8;

  private final MemorySegment memory;
  private final long byteOffset;
  private final long length;

  private FloatArray(MemorySegment memory, long byteOffset, long length) {
    this.memory = memory;
    this.byteOffset = byteOffset;
    this.length = length;
  }

  /// Returns a new array of `length` zeros.
  ///
  /// @throws IllegalArgumentException if `length` is negative or more than memory can address
  /// @throws IllegalStateException if the arena is closed, or this JVM cannot run the kernels
  public static FloatArray allocate(Arena arena, long length) {
    Objects.requireNonNull(arena, "arena is null");
    Platform.require();
    if (length < 0 || length > Long.MAX_VALUE / Float.BYTES - ALIGNMENT_BYTES) {
      throw new IllegalArgumentException("length is " + length + ", not a number of floats");
    }
    MemorySegment memory = arena.allocate(length * Float.BYTES, ALIGNMENT_BYTES);
    return new FloatArray(memory, 0, length);
  }

  /// Returns a new array that holds a copy of `values`.
  public static FloatArray of(Arena arena, float... values) {
    Objects.requireNonNull(values, "values is null");
    return allocate(arena, values.length).copyFrom(values);
  }

  /// The number of elements.
  public long length() {
    return length;
  }

  /// Returns the element at `index`.
  ///
  /// @throws IndexOutOfBoundsException unless `0 <= index < length()`
  public float get(long index) {
    Objects.checkIndex(index, length);
    return memory.get(JAVA_FLOAT, byteOffset + index * Float.BYTES);
  }

  /// Sets the element at `index`.
  ///
  /// @throws IndexOutOfBoundsException unless `0 <= index < length()`
  public void set(long index, float value) {
    Objects.checkIndex(index, length);
    memory.set(JAVA_FLOAT, byteOffset + index * Float.BYTES, value);
  }

  /// Returns the `length` elements from `from` on, in the same memory.
  ///
  /// @throws IndexOutOfBoundsException if they do not all lie in this array
  public FloatArray slice(long from, long length) {
    Objects.checkFromIndexSize(from, length, this.length);
    return new FloatArray(memory, byteOffset(from), length);
  }

  /// Sets every element to `value`, and returns this array.
  public FloatArray fill(float value) {
    if (Float.floatToRawIntBits(value) == 0) {
      segment().fill((byte) 0);
    } else {
      for (long i = 0; i < length; i++) {
        memory.set(JAVA_FLOAT, byteOffset(i), value);
      }
    }
    return this;
  }

  /// Copies all elements of `source`, which must be as long as this array, and returns this array.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public FloatArray copyFrom(FloatArray source) {
    Checks.sameLength("source", source, "this array", this);
    MemorySegment.copy(source.memory, source.byteOffset, memory, byteOffset, length * Float.BYTES);
    return this;
  }

  /// Copies all elements of `source`, which must be as long as this array, and returns this array.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public FloatArray copyFrom(float[] source) {
    Objects.requireNonNull(source, "source is null");
    requireHeapLength("source", source);
    MemorySegment.copy(source, 0, memory, JAVA_FLOAT, byteOffset, source.length);
    return this;
  }

  /// Copies all elements to `target`, which must be as long as this array.
  ///
  /// @throws IllegalArgumentException if the lengths differ
  public void copyTo(float[] target) {
    Objects.requireNonNull(target, "target is null");
    requireHeapLength("target", target);
    MemorySegment.copy(memory, JAVA_FLOAT, byteOffset, target, 0, target.length);
  }

  /// Returns a copy of the elements on the heap.
  ///
  /// @throws IllegalArgumentException if there are more than a Java array can hold
  public float[] toArray() {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "this array has " + length + " elements, more than a Java array can hold");
    }
    float[] copy = new float[(int) length];
    copyTo(copy);
    return copy;
  }

  /// Returns the memory of the elements, native byte order, for input and output.
  public MemorySegment segment() {
    return memory.asSlice(byteOffset, length * Float.BYTES);
  }

  /// The first elements and the length, such as `[0.0, 1.5, ...] (4096 floats)`.
  @Override
  public String toString() {
    if (!isAlive()) {
      return "closed (" + length + " floats)";
    }
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < Math.min(length, SHOWN); i++) {
      text.append(i == 0 ? "" : ", ").append(get(i));
    }
    return text.append(length > SHOWN ? ", ...] (" + length + " floats)" : "]").toString();
  }

  boolean isAlive() {
    return memory.scope().isAlive();
  }

  /// The allocation that this array lies in; kernels are given it with [#byteOffset(long)].
  MemorySegment memory() {
    return memory;
  }

  /// Where the element at `index` begins in [#memory].
  long byteOffset(long index) {
    return byteOffset + index * Float.BYTES;
  }

  /// The same, as an address: the measure of overlap.
  long address(long index) {
    return memory.address() + byteOffset(index);
  }

  /// Whether `next` begins, in the same allocation, where this array ends.
  boolean isFollowedBy(FloatArray next) {
    return memory.address() == next.memory.address() && byteOffset(length) == next.byteOffset;
  }

  /// This array and the `next` one, which [follows][#isFollowedBy] it, as one.
  FloatArray joinedWith(FloatArray next) {
    return new FloatArray(memory, byteOffset, length + next.length);
  }

  private void requireHeapLength(String name, float[] array) {
    if (array.length != length) {
      throw new IllegalArgumentException(
          name + " has " + array.length + " elements, this array has " + length);
    }
  }
}
