"""Runs a program at a real pseudo-terminal, for tests: requests and reports are lines of JSON.

Usage: pseudo-terminal.py PROGRAM ARGUMENT...
"""
import base64
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios


def report(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def modes():
    """What `stty -g` prints, and the special characters."""
    return repr(termios.tcgetattr(slave))


def resize(columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def begin():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


master, slave = pty.openpty()
os.set_blocking(master, False)
resize(90, 33)
before = modes()
child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave, preexec_fn=begin)
report(pid=child.pid, modes=before)

typed = b""
requests = b""
hung_up = False
while True:
    wanted = [sys.stdin.fileno()] if hung_up else [sys.stdin.fileno(), master]
    readable, writable, _ = select.select(wanted, [master] if typed and not hung_up else [], [], 0.02)
    if writable:
        typed = typed[os.write(master, typed[:4096]):]
    if master in readable:
        report(shown=base64.b64encode(os.read(master, 65536)).decode())
        continue
    if child.poll() is not None:
        report(exit=child.returncode, modes=modes())
        break
    if sys.stdin.fileno() not in readable:
        continue
    piece = os.read(sys.stdin.fileno(), 65536)
    if not piece:
        child.kill()
        break
    *lines, requests = (requests + piece).split(b"\n")
    for request in map(json.loads, lines):
        if "type" in request:
            typed += base64.b64decode(request["type"])
        elif "resize" in request:
            resize(*request["resize"])
        elif "signal" in request:
            os.kill(child.pid, getattr(signal, request["signal"]))
        elif "modes" in request:
            report(modes=modes())
        elif "cook" in request:
            # What a shell does when its job has stopped.
            cooked = termios.tcgetattr(slave)
            cooked[3] |= termios.ECHO | termios.ICANON | termios.ISIG
            termios.tcsetattr(slave, termios.TCSANOW, cooked)
