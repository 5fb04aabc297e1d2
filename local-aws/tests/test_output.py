"""The control program with an output that cannot be written. Needs no Docker."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import IO, Any

from .running import CTL


class OutputTest(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="local-aws-output-")
        self.addCleanup(directory.cleanup)
        self.home = Path(directory.name)

    def run_control(self, *arguments: str, **streams: Any) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-I", str(CTL), *arguments], text=True, env=self.environment(), **streams)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "CDK_VAST_LOCAL_AWS_HOME": str(self.home)}

    def full(self) -> IO[str]:
        if not os.path.exists("/dev/full"):
            self.skipTest("needs /dev/full")
        device = open("/dev/full", "w")
        self.addCleanup(device.close)
        return device

    def test_a_closed_pipe_ends_it_silently(self) -> None:
        for arguments in (["status", "--json"], ["stop", "--json"], ["--help"], ["start", "--help"]):
            with self.subTest(arguments):
                reader, writer = os.pipe()
                os.close(reader)
                try:
                    done = self.run_control(*arguments, stdout=writer, stderr=subprocess.PIPE)
                finally:
                    os.close(writer)
                said = "" if "--help" in arguments else "local-aws: default does not run\n"
                self.assertEqual((141, said), (done.returncode, done.stderr))

    def test_stdout_that_cannot_be_written_is_told_in_a_sentence(self) -> None:
        for arguments in (["status", "--json"], ["--help"]):
            with self.subTest(arguments):
                done = self.run_control(*arguments, stdout=self.full(), stderr=subprocess.PIPE)
                self.assertEqual("local-aws: standard output cannot be written: no space left on device (ENOSPC)",
                                 done.stderr.splitlines()[-1])
                self.assertEqual(1, done.returncode)
                self.assertNotIn("Exception", done.stderr)

    def test_stdout_that_is_closed_is_told_in_a_sentence(self) -> None:
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-I", str(CTL), "status", "--json"],
                              stderr=subprocess.PIPE, text=True, env=self.environment())
        self.assertEqual((1, "local-aws: standard output cannot be written: bad file descriptor (EBADF)"),
                         (done.returncode, done.stderr.splitlines()[-1]))

    def test_stderr_that_cannot_be_written_changes_nothing(self) -> None:
        for arguments, exit_code in ((["status", "--json"], 3), (["stop", "--json"], 0), (["env"], 3), (["begin"], 2)):
            expected = self.run_control(*arguments, capture_output=True)
            self.assertEqual(exit_code, expected.returncode)
            with self.subTest(arguments):
                done = self.run_control(*arguments, stdout=subprocess.PIPE, stderr=self.full())
                self.assertEqual((exit_code, expected.stdout), (done.returncode, done.stdout))
                closed = subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-I", str(CTL), *arguments],
                                        stdout=subprocess.PIPE, text=True, env=self.environment())
                self.assertEqual((exit_code, expected.stdout), (closed.returncode, closed.stdout))
