package io.github.lanewise.nn.io.onnx;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The fields of a protobuf message, in the order in which they are put.
final class Message {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  /// Writes to the stream in memory.
  private interface Write {
    void run() throws IOException;
  }

  private Message put(Write write) {
    try {
      write.run();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
  }

  Message put(int field, String text) {
    return put(field, text.getBytes(StandardCharsets.UTF_8));
  }

  Message put(int field, long number) {
    return put(() -> out.writeInt64(field, number));
  }

  Message put(int field, float number) {
    return put(() -> out.writeFloat(field, number));
  }

  Message put(int field, byte[] content) {
    return put(() -> out.writeByteArray(field, content));
  }

  Message put(int field, Message message) {
    return put(field, message.bytes());
  }

  byte[] bytes() {
    put(out::flush);
    return bytes.toByteArray();
  }
}
