package io.github.lanewise.nn.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes a file whole or not at all.
///
/// The content goes to a temporary file beside the target, is forced to the device, and only then
/// takes the target's name; at last the directory is forced, so that the name survives a power
/// failure too. A reader sees the old content or the new one. After a failure the old file stands
/// as it was, and no temporary file is left.
public final class AtomicFile {
  private AtomicFile() {}

  /// What goes into the file.
  @FunctionalInterface
  public interface Content {
    /// Writes everything to `out`, in pieces of a size that is worth a system call each.
    ///
    /// @param out where to write; the caller closes it
    /// @throws IOException if `out` fails
    void writeTo(OutputStream out) throws IOException;
  }

  /// Writes `content` to `file`, which is created or replaced.
  ///
  /// @param file the file to write
  /// @param content writes the bytes
  /// @throws FileException if that fails, or [#requireTarget] refuses the file
  public static void write(Path file, Content content) throws FileException {
    requireTarget(file);
    try {
      replace(file.toAbsolutePath(), content);
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  /// Requires that `file` can be written, as far as that shows beforehand: so that hours of
  /// computing do not end in a name mistyped.
  ///
  /// @param file the file to write
  /// @throws FileException if it is something other than a regular file, a symbolic link too (as
  ///     `/dev/stdout` is), or its directory is missing or not writable
  public static void requireTarget(Path file) throws FileException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileException(file, "is not a regular file, and is left alone");
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw new FileException(file, "no such directory");
    }
    if (!Files.isWritable(directory)) {
      throw new FileException(file, "the directory is not writable");
    }
  }

  private static void replace(Path target, Content content) throws IOException {
    Path directory = target.getParent();
    Path temporary = directory.resolve("." + target.getFileName() + "." + UUID.randomUUID());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        content.writeTo(Channels.newOutputStream(channel));
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    force(directory);
  }

  /// Makes a directory's entries durable. Windows, which does it by itself, cannot open one.
  private static void force(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
