package io.github.lanewise.nn.io;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A file that cannot be read or written as asked.
///
/// The message is one line, `FILE: PROBLEM`, for the person who named the file. Control characters
/// of names and values in it are escaped.
public final class FileException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  /// The most characters of a value from a file that a message repeats.
  private static final int SHOWN_CHARS = 60;

  /// Creates an exception whose message is the file and the problem.
  ///
  /// @param file the file that is named in the message
  /// @param problem what is wrong with it
  public FileException(Path file, String problem) {
    this(file, problem, null);
  }

  /// Creates an exception with a cause.
  ///
  /// @param file the file that is named in the message
  /// @param problem what is wrong with it
  /// @param cause the exception behind it
  public FileException(Path file, String problem, Throwable cause) {
    super(oneLine(file + ": " + problem), cause);
  }

  /// {@return the exception for a failure of the file system; `cause` itself if it is one already}
  ///
  /// @param file the file that is named in the message
  /// @param cause what the file system says
  public static FileException of(Path file, IOException cause) {
    return cause instanceof FileException known
        ? known
        : new FileException(file, reason(cause), cause);
  }

  /// Returns a value from a file as messages show it: in quotes, and cut short if it is long.
  static String shown(String value) {
    return value.length() <= SHOWN_CHARS
        ? "'" + value + "'"
        : "'" + value.substring(0, SHOWN_CHARS) + "...'";
  }

  private static String reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "no such file";
    }
    if (cause instanceof AccessDeniedException) {
      return "access denied";
    }
    if (cause instanceof FileSystemException failure && failure.getReason() != null) {
      return failure.getReason();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /// Escapes control characters and line separators, which a tensor's name may hold.
  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        line.append("\\u%04x".formatted((int) c));
      } else {
        line.append(c);
      }
    }
    return line.toString();
  }
}
