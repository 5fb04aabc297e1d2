"""The control program with Ctrl-C. Needs no Docker."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from .running import CTL


class InterruptionTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="local-aws-interruption-")
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name)

    def interrupt(self, arguments: list[str], when: str, **environment: str) -> tuple[int, str]:
        """The exit code and stderr of a command that gets SIGINT after it has printed a line with these words."""
        with subprocess.Popen([sys.executable, str(CTL), *arguments], stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "CDK_VAST_LOCAL_AWS_HOME": str(self.home), **environment}) as process:
            assert process.stderr is not None
            line = process.stderr.readline()
            self.assertIn(when, line)
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
            return process.wait(30), rest

    def test_ctrl_c_while_modules_are_imported(self) -> None:
        (self.home / "argparse.py").write_text("import sys, time\nprint('importing', file=sys.stderr, flush=True)\n"
                                               "time.sleep(60)\n")
        self.assertEqual((-signal.SIGINT, ""), self.interrupt(["status"], "importing", PYTHONPATH=str(self.home)))

    def test_ctrl_c_while_it_works(self) -> None:
        directory = self.home / "default"
        directory.mkdir()
        (directory / "id").write_text("1")
        with open(directory / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual((130, ""), self.interrupt(["stop"], "waiting for another command"))

    def test_ctrl_c_that_is_ignored_stays_ignored(self) -> None:
        program = ("import signal, sys; sys.path.insert(0, sys.argv[1]); from local_aws import commands; "
                   "commands._run = lambda _: signal.raise_signal(signal.SIGINT) or 5; sys.exit(commands.main([]))")
        done = subprocess.run(["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-c", program, str(CTL.parent)],
                              capture_output=True, text=True)
        self.assertEqual((5, ""), (done.returncode, done.stderr))
