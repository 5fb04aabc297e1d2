"""Runs a program under a pseudo-terminal and measures what it shows: `python3 under-terminal.py MARK TYPED PROGRAM ARGUMENT…`.

What is shown after the first MARK counts, until the program ends. Prints one JSON object: milliseconds from the start until
the mark (`markMs`; `markAt` is that moment on the monotonic clock, in seconds) and until the end, bytes after the mark and the time that they took, CPU seconds and the peak of memory.
TYPED is typed when the program begins, in case it is not empty. The terminal adds no carriage returns.
"""

import json
import os
import pty
import resource
import sys
import termios
import time


def main() -> None:
    mark = sys.argv[1].encode()
    began = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        settings = termios.tcgetattr(0)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(0, termios.TCSANOW, settings)
        os.execvp(sys.argv[3], sys.argv[3:])
    os.write(terminal, sys.argv[2].encode())
    before, seen, marked, last = b"", 0, 0.0, 0.0
    while True:
        try:
            data = os.read(terminal, 1 << 20)
        except OSError:
            # The program has ended, and nobody has the other side of the terminal any more.
            break
        now = time.monotonic()
        if marked:
            seen += len(data)
            # What the programs say at their end is short, and comes after the rest.
            last = now if len(data) > 256 else last
            continue
        before += data
        if mark in before:
            marked = now
            seen = len(before) - before.index(mark) - len(mark)
    _, status, usage = os.wait4(child, 0)
    end = time.monotonic()
    if not marked:
        sys.exit(f"the mark was not shown, but {before[-500:]!r}")
    print(json.dumps({
        "markMs": (marked - began) * 1000, "markAt": marked, "endMs": (end - began) * 1000, "bytes": seen, "seconds": max(0.0, last - marked),
        "cpuSeconds": usage.ru_utime + usage.ru_stime, "memoryMB": usage.ru_maxrss / 1000, "exitCode": os.waitstatus_to_exitcode(status),
    }))


if __name__ == "__main__":
    main()
