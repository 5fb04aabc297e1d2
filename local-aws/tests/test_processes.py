"""Whether a process runs. Needs no Docker."""

import os
import signal
import socket
import subprocess
import sys
import time
import unittest

from local_aws.instance import process_runs, process_start

# Listens, and ends like the emulator: by os._exit, while other threads are inside a system call.
_THREADED_SERVER = """
import os, signal, socket, threading, time
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
def read():
    while True:
        open("/proc/self/maps").read()
for _ in range(2):
    threading.Thread(target=read, daemon=True).start()
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
memory = bytearray(os.urandom(1) * 100_000_000)
print(listener.getsockname()[1], flush=True)
while True:
    time.sleep(1)
"""


@unittest.skipUnless(os.path.exists("/proc/self/stat"), "needs /proc")
class ProcessTest(unittest.TestCase):
    def test_a_process_has_ended_when_its_last_thread_has(self) -> None:
        for _ in range(5):
            with subprocess.Popen([sys.executable, "-c", _THREADED_SERVER], stdout=subprocess.PIPE, text=True) as server:
                assert server.stdout is not None
                port = int(server.stdout.readline())
                start = process_start(server.pid)
                self.assertTrue(process_runs(server.pid, start))
                server.send_signal(signal.SIGTERM)
                deadline = time.monotonic() + 30
                while process_runs(server.pid, start):
                    self.assertLess(time.monotonic(), deadline, "the process did not end")
                with socket.socket() as client:
                    self.assertNotEqual(0, client.connect_ex(("127.0.0.1", port)), "the port is still open")
