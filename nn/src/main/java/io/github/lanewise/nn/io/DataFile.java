package io.github.lanewise.nn.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// A file of rows, which can be read more than once. What is no regular file, such as a pipe, is
/// read into memory first.
final class DataFile {
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path path;
  private final LongConsumer progress;

  /// What came through a pipe; null for a regular file.
  private final byte[] content;

  private DataFile(Path path, LongConsumer progress, byte[] content) {
    this.path = path;
    this.progress = progress;
    this.content = content;
  }

  /// @param progress is told the number of bytes that were read, again and again
  /// @throws FileException if it is a directory or empty
  static DataFile of(Path path, LongConsumer progress) throws IOException {
    if (Files.isDirectory(path)) {
      throw new FileException(path, "is a directory");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      try (InputStream in = new Counted(Files.newInputStream(path), progress)) {
        return new DataFile(path, bytes -> {}, in.readAllBytes());
      }
    }
    return new DataFile(path, progress, null);
  }

  Path path() {
    return path;
  }

  /// The number of bytes that [#read] and [#glance] return, or -1 if the file is packed, so that
  /// nobody knows.
  long bytes() throws IOException {
    try (InputStream raw = new BufferedInputStream(raw(), GZIP.length)) {
      if (Arrays.equals(peek(raw, GZIP.length), GZIP)) {
        return -1;
      }
      return content == null ? Files.size(path) : content.length;
    }
  }

  /// Opens the file, unpacks it if it is gzipped, and reports how much of it has been read. The
  /// stream supports marks.
  InputStream read() throws IOException {
    return unpacked(new Counted(raw(), progress));
  }

  /// Opens the file as [#read] does, but reports nothing.
  InputStream glance() throws IOException {
    return unpacked(raw());
  }

  private InputStream raw() throws IOException {
    return content == null ? Files.newInputStream(path) : new ByteArrayInputStream(content);
  }

  private InputStream unpacked(InputStream file) throws IOException {
    InputStream raw = new BufferedInputStream(file, BUFFER_BYTES);
    try {
      byte[] magic = peek(raw, GZIP.length);
      if (magic.length == 0) {
        throw new FileException(path, "is empty");
      }
      if (!Arrays.equals(magic, GZIP)) {
        return raw;
      }
      InputStream unpacked =
          new BufferedInputStream(new GZIPInputStream(raw, BUFFER_BYTES), BUFFER_BYTES);
      if (peek(unpacked, 1).length == 0) {
        throw new FileException(path, "is empty, once unpacked");
      }
      return unpacked;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /// Returns the next bytes, or fewer at the end of the file. The next read returns them again.
  static byte[] peek(InputStream in, int bytes) throws IOException {
    in.mark(bytes);
    byte[] next = in.readNBytes(bytes);
    in.reset();
    return next;
  }

  static FileException failure(Path file, IOException cause) {
    if (cause instanceof FileException known) {
      return known;
    }
    if (cause instanceof EOFException) {
      return new FileException(file, "the gzip data ends early", cause);
    }
    if (cause instanceof ZipException) {
      return new FileException(file, "the gzip data is damaged: " + cause.getMessage(), cause);
    }
    return FileException.of(file, cause);
  }

  /// Reports how many bytes have been read.
  private static final class Counted extends FilterInputStream {
    private final LongConsumer progress;
    private long bytes;

    Counted(InputStream in, LongConsumer progress) {
      super(in);
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      int next = in.read();
      count(next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] buffer, int from, int n) throws IOException {
      int read = in.read(buffer, from, n);
      count(Math.max(read, 0));
      return read;
    }

    @Override
    public boolean markSupported() {
      return false;
    }

    private void count(int read) {
      bytes += read;
      progress.accept(bytes);
    }
  }
}
