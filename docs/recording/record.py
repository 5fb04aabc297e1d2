"""Records what a terminal shows: `python3 record.py FILE PROGRAM [LINE…]`.

The program runs under a pseudo-terminal of its own, as wide as a picture. Each line is typed when a shell's prompt (`# `)
waits for it, as somebody would who sits there.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

COLUMNS, ROWS = 100, 60
PROMPT = b"# "

# A prompt waits when nothing comes after it for so long; one that is drawn anew does not.
SETTLED_SECONDS = 0.5


def main() -> int:
    recording, program, *lines = sys.argv[1:]
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvpe(program, [program], {**os.environ, "TERM": "xterm-256color"})
    shown = b""
    with open(recording, "wb") as file:
        while True:
            if lines and shown.endswith(PROMPT) and not select.select([terminal], [], [], SETTLED_SECONDS)[0]:
                os.write(terminal, f"{lines.pop(0)}\r".encode())
            try:
                shown = os.read(terminal, 65536)
            except OSError:
                # The program has ended, and nobody has the other side of the terminal any more.
                break
            if not shown:
                break
            file.write(shown)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if lines:
        print(f"record: nobody has waited for {lines}", file=sys.stderr)
    return exit_code or len(lines)


if __name__ == "__main__":
    sys.exit(main())
