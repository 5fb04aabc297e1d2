"""The control command, as a program sees it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from local_aws import docker_api, emulator_process
from local_aws.instance import Instance, process_start
from local_aws.labels import INSTANCE_ID

from .running import CTL, WithLocalAws, control, eventually


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


class DamagedStateTest(WithLocalAws):
    @property
    def directory(self) -> Path:
        return Path(self.answer["stateDir"])

    def running(self) -> list[int]:
        return [emulator.pid for emulator in emulator_process.find(Instance.at(self.directory))]

    def test_a_start_ends_the_emulator_of_a_record_that_cannot_be_read(self) -> None:
        for text, reason in (("garbage", "it is not JSON"), ("", "it is empty"), ("[]", "it needs endpoint, pid, region"),
                             (None, None)):
            with self.subTest(text):
                before = self.running()
                self.assertEqual(1, len(before))
                record = self.directory / "instance.json"
                if text is None:
                    record.unlink()
                else:
                    record.write_text(text)
                    status = control(self.home, "status", "--name", self.name)
                    self.assertEqual(
                        (1, f"local-aws: the record {record} cannot be read: {reason}; end what runs there with "
                            "./vast-cloud local stop --name test\n"), (status.returncode, status.stderr))
                done = control(self.home, "start", "--name", self.name, "--json")
                self.assertEqual(0, done.returncode, done.stderr)
                if reason:
                    self.assertIn(f"the record {record} cannot be read: {reason}\n", done.stderr)
                self.assertIn(f"ended an emulator that still ran from {self.directory} (process {before[0]})", done.stderr)
                self.assertEqual([json.loads(done.stdout)["pid"]], self.running())

    def test_a_start_removes_what_the_emulator_of_a_lost_id_made(self) -> None:
        # The volume stands for all that carries the id.
        identity = (self.directory / "id").read_text()
        volume = self.docker.volumes.create(labels={INSTANCE_ID: identity})
        (self.directory / "id").write_text("")
        (self.directory / "instance.json").write_text("")
        done = control(self.home, "start", "--name", self.name)
        self.assertIn("removed what an earlier run left: 1 volume", done.stderr)
        self.assertNotIn(volume.id, [one.id for one in self.docker.volumes.list()])
        self.assertNotIn((self.directory / "id").read_text(), ("", identity))

    def test_z_a_stop_ends_the_emulator_of_a_record_that_cannot_be_read(self) -> None:
        pid, = self.running()
        (self.directory / "instance.json").write_text("garbage")
        done = control(self.home, "stop", "--name", self.name, "--json")
        self.assertEqual((0, True), (done.returncode, json.loads(done.stdout)["stopped"]), done.stderr)
        self.assertIn("instance.json cannot be read: it is not JSON", done.stderr)
        self.assertNotIn("does not run", done.stderr)
        self.assertIsNone(process_start(pid))
        self.assertFalse(self.directory.exists())


class WithoutInstanceTest(unittest.TestCase):
    def test_what_is_not_running(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            self.assertEqual(3, control(home, "status").returncode)
            self.assertEqual(3, control(home, "env").returncode)
            stopped = control(home, "stop", "--json")
            self.assertEqual((0, False), (stopped.returncode, json.loads(stopped.stdout)["stopped"]))

    def test_a_directory_of_something_else_is_left_alone(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            (Path(home) / "default").mkdir()
            (Path(home) / "default" / "letter").touch()
            self.assertIn("does not run", control(home, "stop").stderr)
            self.assertEqual(["letter"], os.listdir(Path(home) / "default"))

    def test_a_start_that_is_interrupted_leaves_no_emulator(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            instance = Instance.at(Path(home) / "default")
            with subprocess.Popen([sys.executable, "-I", str(CTL), "start"], stderr=subprocess.PIPE, text=True,
                                  env={**os.environ, "CDK_VAST_LOCAL_AWS_HOME": home}) as start:
                try:
                    eventually(lambda: emulator_process.find(instance), 120)
                    start.send_signal(signal.SIGINT)
                    _, said = start.communicate(timeout=60)
                    left = emulator_process.find(instance)
                finally:
                    control(home, "stop")
            self.assertEqual((130, []), (start.returncode, left), said)
            self.assertNotIn("Traceback", said)

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
