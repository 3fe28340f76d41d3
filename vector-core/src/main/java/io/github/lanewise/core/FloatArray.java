package io.github.lanewise.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.github.lanewise.core.simd.Zeros;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A row of floats outside the Java heap, in memory that an [Arena] owns. All arrays of Lanewise
/// are of this kind.
///
/// An array begins at a multiple of 64 bytes; a [slice][#slice] shares the memory of the array it
/// was taken from. The elements can be used until the arena is closed, and by the threads that the
/// arena admits. Reading or writing elements of a closed array throws [IllegalStateException];
/// doing so from another thread than the owner of a confined arena throws [WrongThreadException].
/// Neither can crash the JVM. The object itself, apart from its elements, is immutable.
public final class FloatArray {
  /// Arrays begin at a multiple of this: the size of a cache line and of the widest vector.
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

  /// {@return a new array of `length` zeros}
  ///
  /// @param arena owns the memory
  /// @param length the number of elements
  /// @throws IllegalArgumentException if `length` is negative or more than memory can address
  /// @throws IllegalStateException if the arena is closed, or this JVM cannot run the kernels
  /// @throws WrongThreadException if the arena is confined to another thread
  public static FloatArray allocate(Arena arena, long length) {
    Objects.requireNonNull(arena, "arena is null");
    Platform.require();
    if (length < 0 || length > Long.MAX_VALUE / Float.BYTES - ALIGNMENT_BYTES) {
      throw new IllegalArgumentException("length is " + length + ", not a number of floats");
    }
    MemorySegment memory = arena.allocate(length * Float.BYTES, ALIGNMENT_BYTES);
    return new FloatArray(memory, 0, length);
  }

  /// {@return a new array that holds a copy of `values`}
  ///
  /// @param arena owns the memory
  /// @param values the elements
  public static FloatArray of(Arena arena, float... values) {
    Objects.requireNonNull(values, "values is null");
    return allocate(arena, values.length).copyFrom(values);
  }

  /// {@return the number of elements}
  public long length() {
    return length;
  }

  /// {@return the element at `index`}
  ///
  /// @param index counts elements from 0
  /// @throws IndexOutOfBoundsException unless `0 <= index < length()`
  public float get(long index) {
    Objects.checkIndex(index, length);
    return memory.get(JAVA_FLOAT, byteOffset + index * Float.BYTES);
  }

  /// Sets the element at `index`.
  ///
  /// @param index counts elements from 0
  /// @param value any float
  /// @throws IndexOutOfBoundsException unless `0 <= index < length()`
  public void set(long index, float value) {
    Objects.checkIndex(index, length);
    memory.set(JAVA_FLOAT, byteOffset + index * Float.BYTES, value);
  }

  /// {@return the `length` elements from `from` on, in the same memory}
  ///
  /// @param from the first element
  /// @param length the number of elements
  /// @throws IndexOutOfBoundsException if they do not all lie in this array
  public FloatArray slice(long from, long length) {
    Objects.checkFromIndexSize(from, length, this.length);
    return new FloatArray(memory, byteOffset(from), length);
  }

  /// Sets every element to `value`, and returns this array.
  ///
  /// @param value any float
  /// @return this array
  public FloatArray fill(float value) {
    requireUsable("this array");
    if (Float.floatToRawIntBits(value) == 0) {
      Zeros.fill(memory, byteOffset, length * Float.BYTES);
    } else {
      for (long i = 0; i < length; i++) {
        memory.set(JAVA_FLOAT, byteOffset(i), value);
      }
    }
    return this;
  }

  /// Copies all elements of `source`, which must be as long as this array, and returns this array.
  ///
  /// @param source as long as this array
  /// @return this array
  /// @throws IllegalArgumentException if the lengths differ
  public FloatArray copyFrom(FloatArray source) {
    Checks.sameLength("source", source, "this array", this);
    MemorySegment.copy(source.memory, source.byteOffset, memory, byteOffset, length * Float.BYTES);
    return this;
  }

  /// Copies all elements of `source`, which must be as long as this array, and returns this array.
  ///
  /// @param source as long as this array
  /// @return this array
  /// @throws IllegalArgumentException if the lengths differ
  public FloatArray copyFrom(float[] source) {
    Objects.requireNonNull(source, "source is null");
    requireUsable("this array");
    requireHeapLength("source", source);
    MemorySegment.copy(source, 0, memory, JAVA_FLOAT, byteOffset, source.length);
    return this;
  }

  /// Copies all elements to `target`, which must be as long as this array.
  ///
  /// @param target as long as this array
  /// @throws IllegalArgumentException if the lengths differ
  public void copyTo(float[] target) {
    Objects.requireNonNull(target, "target is null");
    requireUsable("this array");
    requireHeapLength("target", target);
    MemorySegment.copy(memory, JAVA_FLOAT, byteOffset, target, 0, target.length);
  }

  /// Copies a part of `source` into this array.
  ///
  /// @param source any array
  /// @param sourceFrom the index of the first element that is copied
  /// @param from the index of the first element that is overwritten
  /// @param count the number of elements
  /// @throws IndexOutOfBoundsException if one of the arrays ends before
  public void copyRange(FloatArray source, long sourceFrom, long from, long count) {
    Objects.checkFromIndexSize(sourceFrom, count, source.length);
    Objects.checkFromIndexSize(from, count, length);
    MemorySegment.copy(
        source.memory,
        source.byteOffset(sourceFrom),
        memory,
        byteOffset(from),
        count * Float.BYTES);
  }

  /// Copies a part of an array on the heap into this array.
  ///
  /// @param source any array
  /// @param sourceFrom the index of the first element that is copied
  /// @param from the index of the first element that is overwritten
  /// @param count the number of elements
  /// @throws IndexOutOfBoundsException if one of the arrays ends before
  public void copyRange(float[] source, int sourceFrom, long from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    MemorySegment.copy(source, sourceFrom, memory, JAVA_FLOAT, byteOffset(from), count);
  }

  /// Copies a part of this array to an array on the heap.
  ///
  /// @param from the index of the first element that is copied
  /// @param target any array
  /// @param targetFrom the index of the first element that is overwritten
  /// @param count the number of elements
  /// @throws IndexOutOfBoundsException if one of the arrays ends before
  public void copyRangeTo(long from, float[] target, int targetFrom, int count) {
    Objects.checkFromIndexSize(from, count, length);
    MemorySegment.copy(memory, JAVA_FLOAT, byteOffset(from), target, targetFrom, count);
  }

  /// {@return a copy of the elements on the heap}
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

  /// {@return whether this array and `other` have an element in common}
  ///
  /// @param other in any arena
  public boolean overlaps(FloatArray other) {
    Objects.requireNonNull(other, "other is null");
    return length > 0
        && other.length > 0
        && address(0) < other.address(other.length)
        && other.address(0) < address(length);
  }

  /// {@return the memory of the elements, native byte order, for input and output}
  public MemorySegment segment() {
    return memory.asSlice(byteOffset, length * Float.BYTES);
  }

  /// Requires that the calling thread may read and write the elements. An operation on several
  /// arrays asks this of all of them before it writes to the first. Allocates nothing.
  ///
  /// @param name what the message calls this array
  /// @throws IllegalStateException if the arena is closed
  /// @throws WrongThreadException if the arena is confined to another thread
  public void requireUsable(String name) {
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException(name + " is closed: its arena is no longer alive");
    }
    if (!memory.isAccessibleBy(Thread.currentThread())) {
      throw new WrongThreadException(
          name + " is confined to another thread: its arena admits only the thread that opened it");
    }
  }

  /// The first elements and the length, such as `[0.0, 1.5, ...] (4096 floats)`. Elements that the
  /// calling thread cannot read are left out: `closed (4096 floats)`, or `confined to another
  /// thread (4096 floats)`.
  @Override
  public String toString() {
    String closed = "closed (" + length + " floats)";
    if (!memory.scope().isAlive()) {
      return closed;
    }
    if (!memory.isAccessibleBy(Thread.currentThread())) {
      return "confined to another thread (" + length + " floats)";
    }
    StringBuilder text = new StringBuilder("[");
    try {
      for (int i = 0; i < Math.min(length, SHOWN); i++) {
        text.append(i == 0 ? "" : ", ").append(get(i));
      }
    } catch (IllegalStateException closedByAnotherThread) {
      return closed;
    }
    return text.append(length > SHOWN ? ", ...] (" + length + " floats)" : "]").toString();
  }

  /// The whole allocation that this array lies in. Kernels take it together with the
  /// [offset][#byteOffset(long)] of their first element, since a segment of its own for each call
  /// would be an object.
  MemorySegment memory() {
    return memory;
  }

  /// The offset in [#memory] at which the element at `index` begins.
  long byteOffset(long index) {
    return byteOffset + index * Float.BYTES;
  }

  /// The address in memory of the element at `index`, by which overlap is found.
  long address(long index) {
    return memory.address() + byteOffset(index);
  }

  /// Whether `next` lies in the same allocation and begins where this array ends.
  boolean isFollowedBy(FloatArray next) {
    return memory.address() == next.memory.address() && byteOffset(length) == next.byteOffset;
  }

  /// Returns one array over the elements of this and of `next`, which must
  /// [follow][#isFollowedBy] it.
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
