package io.github.lanewise.nn.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// The checksum of a safetensors file: SHA-256 over everything that a reader takes from it.
///
/// It covers the content and not the text of the header, so that a tool may write the same content
/// with other spaces or another order of keys. The digest is fed with, in this order:
///
/// 1. the number of metadata entries, without the one that holds the checksum, and for each, in the
///    order of the keys' UTF-8 bytes: the key and the value;
/// 2. the number of tensors, and for each, in the order of their data: the name, the dtype, the
///    rank, and each size of the shape, outermost first;
/// 3. the bytes of the data, as they stand in the file.
///
/// A number is 8 bytes, little-endian. A string is the number of its UTF-8 bytes, and these bytes:
/// with its length before it, no other content has the same bytes.
final class Checksum {
  /// The metadata key under which a file holds its checksum, as 64 hexadecimal digits.
  static final String KEY = "lanewise.sha256";

  private final MessageDigest digest = sha256();

  /// Begins with the header; the data follows through [#update].
  ///
  /// @param metadata with or without the checksum's own entry, which does not count
  /// @param tensors in the order of their data
  Checksum(Map<String, String> metadata, List<TensorHeader.Tensor> tensors) {
    List<String> keys = sorted(metadata.keySet()).stream().filter(key -> !key.equals(KEY)).toList();
    add(keys.size());
    for (String key : keys) {
      add(key);
      add(metadata.get(key));
    }
    add(tensors.size());
    for (TensorHeader.Tensor tensor : tensors) {
      add(tensor.name());
      add(tensor.type().name());
      add(tensor.shape().rank());
      for (int i = 0; i < tensor.shape().rank(); i++) {
        add(tensor.shape().size(i));
      }
    }
  }

  /// Returns the names in the order of their UTF-8 bytes, which is that of the format's own writer.
  static List<String> sorted(Collection<String> names) {
    return names.stream().sorted(Checksum::compareUtf8).toList();
  }

  private static int compareUtf8(String a, String b) {
    return Arrays.compareUnsigned(
        a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
  }

  /// Adds bytes of the data.
  void update(byte[] bytes, int from, int n) {
    digest.update(bytes, from, n);
  }

  /// Returns the hexadecimal digits, once all data is added.
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private void add(long number) {
    digest.update(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array());
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
