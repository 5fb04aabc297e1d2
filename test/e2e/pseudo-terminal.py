"""Runs a program under a pseudo-terminal of its own: `python3 pseudo-terminal.py COLUMNSxROWS PROGRAM ARGUMENT…`.

Standard input is typed, and what the terminal shows goes to standard output, without a carriage return put before line
feeds. Each line `COLUMNSxROWS` that comes through the file descriptor 3 resizes it. The exit code is the program's.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios


def resize(terminal: int, size: str) -> None:
    columns, rows = size.split("x")
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def main() -> int:
    child, terminal = pty.fork()
    if child == 0:
        settings = termios.tcgetattr(0)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(0, termios.TCSANOW, settings)
        resize(0, sys.argv[1])
        os.close(3)
        os.execvp(sys.argv[2], sys.argv[2:])
    sources, sizes = [terminal, 0, 3], b""
    while True:
        for source in select.select(sources, [], [])[0]:
            try:
                data = os.read(source, 65536)
            except OSError:
                # The program has ended, and nobody has the other side of the terminal any more.
                data = b""
            if source == terminal:
                if not data:
                    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
                view = memoryview(data)
                while view:
                    view = view[os.write(1, view):]
            elif not data:
                sources.remove(source)
            elif source == 0:
                os.write(terminal, data)
            else:
                *whole, sizes = (sizes + data).split(b"\n")
                for size in whole:
                    resize(terminal, size.decode())


if __name__ == "__main__":
    sys.exit(main())
