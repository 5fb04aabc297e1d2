"""The control command, as a program sees it."""

import json
import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from local_aws import docker_api

from .running import WithLocalAws, control


class ControlTest(WithLocalAws):
    def test_a_second_start_says_so_and_changes_nothing(self) -> None:
        again = control(self.home, "start", "--name", self.name, "--json")
        self.assertEqual(0, again.returncode)
        self.assertIn("already runs", again.stderr)
        self.assertEqual(self.answer, json.loads(again.stdout))

    def test_status_and_env(self) -> None:
        status = json.loads(control(self.home, "status", "--name", self.name, "--json").stdout)
        self.assertEqual((True, [], []), (status["running"], status["containers"], status["stacks"]))
        lines = control(self.home, "env", "--name", self.name).stdout.splitlines()
        self.assertIn(f"export AWS_ENDPOINT_URL={self.answer['endpoint']}", lines)
        self.assertIn("export AWS_ACCESS_KEY_ID=000000000000", lines)

    def test_no_other_setting_for_aws_counts_in_a_shell(self) -> None:
        foreign = {"AWS_PROFILE": "prod", "AWS_ENDPOINT_URL_S3": "https://storage.example.com",
                   "AWS_ENDPOINT_URL_SQS": "https://queues.example.com", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
        exports = control(self.home, "env", "--name", self.name, **foreign).stdout
        shell = subprocess.run(["sh", "-c", f"{exports}\nenv"], capture_output=True, text=True, env={**os.environ, **foreign})
        found = dict(line.split("=", 1) for line in shell.stdout.splitlines() if line.startswith("AWS_"))
        self.assertEqual({"AWS_ENDPOINT_URL_S3": self.answer["endpoint"]},
                         {name: value for name, value in found.items() if name in foreign})

    def test_it_listens_on_the_loopback_interface_only(self) -> None:
        mine = {os.readlink(entry) for entry in Path(f"/proc/{self.answer['pid']}/fd").iterdir()
                if os.path.islink(entry)}
        listening = []
        for file in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in Path(file).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                    listening.append(fields[1].split(":")[0])
        loopback = socket.inet_aton("127.0.0.1")[::-1].hex().upper()
        self.assertEqual({loopback}, set(listening))

    def test_instances_are_independent(self) -> None:
        other = control(self.home, "start", "--name", "other", "--json")
        self.assertEqual(0, other.returncode, other.stderr)
        self.assertNotEqual(self.answer["endpoint"], json.loads(other.stdout)["endpoint"])
        self.assertEqual(0, control(self.home, "stop", "--name", "other").returncode)
        self.assertEqual(0, control(self.home, "status", "--name", self.name).returncode)

    def test_region(self) -> None:
        other = control(self.home, "start", "--name", "north", "--json", AWS_REGION="eu-north-1")
        try:
            self.assertEqual("eu-north-1", json.loads(other.stdout)["env"]["AWS_DEFAULT_REGION"])
        finally:
            control(self.home, "stop", "--name", "north")


class WithoutInstanceTest(unittest.TestCase):
    def test_what_is_not_running(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            self.assertEqual(3, control(home, "status").returncode)
            self.assertEqual(3, control(home, "env").returncode)
            stopped = control(home, "stop", "--json")
            self.assertEqual((0, False), (stopped.returncode, json.loads(stopped.stdout)["stopped"]))

    def test_mistakes_are_told_in_a_sentence(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            for arguments, words in ((["start", "--name", "No Such"], "the instance name 'No Such' is not usable"),
                                     (["begin"], "invalid choice"),
                                     (["engine-image", "6.20.0"], "did you mean v6.20.0?")):
                done = control(home, *arguments)
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertNotIn("Traceback", done.stderr)

    def test_an_engine_elsewhere_that_does_not_answer(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            done = control(home, "start", DOCKER_HOST="tcp://127.0.0.1:9")
            self.assertEqual(2, done.returncode)
            self.assertIn("no Docker engine answers at DOCKER_HOST=tcp://127.0.0.1:9", done.stderr)

    def test_a_second_engine_beside_one_that_runs_is_not_started(self) -> None:
        if not docker_api.ping() or os.environ.get("DOCKER_HOST"):
            self.skipTest("no Docker engine answers at the usual place")
        with tempfile.TemporaryDirectory() as home:
            done = control(home, "start", DOCKER_HOST=f"unix://{home}/docker.sock")
            self.assertEqual(2, done.returncode)
            self.assertIn("unset DOCKER_HOST", done.stderr)
