"""What a command prints: the answer on stdout, progress and errors for people on stderr.

Both are written unbuffered: Python would write what it still holds once more at exit, and report a second failure in its
own words.
"""

import errno
import os
import select
import sys

from .errors import LocalAwsError, OutputClosed

_STDOUT, _STDERR = 1, 2


def say(line: str) -> None:
    """Prints progress or an error. Where stderr cannot be written, the exit code still tells the outcome."""
    # Python has no stderr where it was closed at the start: the descriptor may be any other file by now.
    if sys.stderr is None:
        return
    try:
        _write(_STDERR, f"local-aws: {line}\n")
    except OSError:
        pass


def answer(text: str) -> None:
    """Prints the answer of a command, or part of it."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        _write(_STDOUT, f"{text}\n")
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "unknown error")
        reason = (error.strerror or str(error)).lower()
        raise LocalAwsError(f"standard output cannot be written: {reason} ({code})") from None


def _write(descriptor: int, text: str) -> None:
    try:
        rest = os.fsencode(text)
    except UnicodeEncodeError:
        # A locale without all characters.
        rest = text.encode(errors="surrogateescape")
    while rest:
        try:
            rest = rest[os.write(descriptor, rest):]
        except BlockingIOError:
            # Another program that shares the pipe or terminal has made it non-blocking.
            select.select([], [descriptor], [])
