package io.github.lanewise.nn.io;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Writes a file whole or not at all.
///
/// The content goes to a temporary file beside the target and is forced to the device. Then the
/// temporary file is renamed to the target, and the directory is forced too, so that the new name
/// survives a power failure. A reader sees either the old content or the new one. When writing
/// fails, the old file is as it was, and no temporary file is left. A JVM that is asked to end
/// while it writes, as by Ctrl-C, first finishes the file, or drops the new one if that takes
/// longer than ten seconds. Should only the last step fail, forcing the directory, then the new
/// file is in place, but may not survive a power failure.
public final class AtomicFile {
  private static final long PATIENCE_SECONDS = 10;

  private AtomicFile() {}

  /// Writes the content of a file.
  @FunctionalInterface
  public interface Content {
    /// Writes everything to `out`, which is not buffered: every call is a system call.
    ///
    /// @param out where to write; the caller closes it
    /// @throws IOException if that fails
    void writeTo(OutputStream out) throws IOException;
  }

  /// Writes `content` to `file`, which is created or replaced.
  ///
  /// @param file the file to write
  /// @param content writes the bytes
  /// @throws FileException if that fails, or if [#requireTarget] refuses the file
  public static void write(Path file, Content content) throws FileException {
    requireTarget(file);
    try {
      replace(file.toAbsolutePath(), content);
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  /// Requires that `file` can be written, as far as that can be seen beforehand. A program calls
  /// this before hours of computing, so that they do not end at a misspelt directory.
  ///
  /// @param file the file to write
  /// @throws FileException if something other than a regular file stands there, such as a directory
  ///     or a symbolic link (`/dev/stdout` is one), or if the directory is missing or not writable
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
    CountDownLatch written = new CountDownLatch(1);
    Thread finisher = new Thread(() -> finish(written, temporary), "lanewise-finisher");
    boolean isRegistered = register(finisher);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        content.writeTo(Channels.newOutputStream(channel));
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
      written.countDown();
      if (isRegistered) {
        unregister(finisher);
      }
    }
    force(directory);
  }

  /// Has the JVM run `finisher` when it is asked to end, unless that has begun: then whoever makes
  /// the end wait for this file waits for all of it.
  private static boolean register(Thread finisher) {
    try {
      Runtime.getRuntime().addShutdownHook(finisher);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /// Returns whether the finisher will not run. If the JVM is ending, it runs and finds nothing to
  /// wait for.
  private static boolean unregister(Thread finisher) {
    try {
      return Runtime.getRuntime().removeShutdownHook(finisher);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static void finish(CountDownLatch written, Path temporary) {
    try {
      if (!written.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the temporary file is left", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Makes the entries of a directory survive a power failure. Windows does so by itself, and
  /// cannot open a directory.
  private static void force(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
