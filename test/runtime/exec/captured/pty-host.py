"""Runs a command under a pseudo-terminal, as the agent of ECS does: what is read here is typed, what it shows is written.

The end of the input hangs the terminal up. SIGUSR1 kills the process first, as the agent does when a session is terminated,
and SIGUSR2 its whole process group.
"""
import os
import pty
import select
import signal
import sys

BLOCK = 64 * 1024

pid, terminal = pty.fork()
if pid == 0:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    # Python has put it there, for itself.
    os.environ.pop('LC_CTYPE', None)
    os.execvp(sys.argv[1], sys.argv[1:])


def terminate(*_):
    os.kill(pid, signal.SIGKILL)


signal.signal(signal.SIGUSR1, terminate)
signal.signal(signal.SIGUSR2, lambda *_: os.killpg(pid, signal.SIGKILL))
print(f'pid {pid}', file=sys.stderr, flush=True)
typed = b''
open_input = True
os.set_blocking(terminal, False)
while True:
    wanted = [terminal] + ([0] if open_input and len(typed) < BLOCK else [])
    readable, writable, _ = select.select(wanted, [terminal] if typed else [], [])
    if 0 in readable:
        data = os.read(0, BLOCK)
        if not data:
            break
        typed += data
    if writable:
        try:
            typed = typed[os.write(terminal, typed):]
        except OSError:
            typed = b''
    if terminal in readable:
        try:
            shown = os.read(terminal, BLOCK)
        except OSError:
            break
        if not shown:
            break
        while shown:
            shown = shown[os.write(1, shown):]
os.close(terminal)
