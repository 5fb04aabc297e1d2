"""The user's Docker: its contexts, its configuration, and what is left there after a crash."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from local_aws import docker_api, docker_context

from .running import IMAGE, WithLocalAws, control

_FOR_CDK = Path(docker_api.__file__).resolve().parent.parent / "docker_for_cdk.py"


def docker(*arguments: str, **environment: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True,
                          env={**os.environ, **environment}).stdout.strip()


class ContextTest(unittest.TestCase):
    def setUp(self) -> None:
        if os.environ.get("DOCKER_HOST") or not shutil.which("docker"):
            self.skipTest("needs the docker command, and no DOCKER_HOST")
        directory = tempfile.TemporaryDirectory(prefix="local-aws-context-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.socket = f"unix://{self.directory}/another.sock"
        (self.directory / "another.sock").symlink_to("/var/run/docker.sock")
        self.docker("context", "create", "another", "--docker", f"host={self.socket}")

    def docker(self, *arguments: str, **environment: str) -> str:
        return docker(*arguments, DOCKER_CONFIG=str(self.directory), **environment)

    def control(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return control(str(self.directory / "home"), *arguments, DOCKER_CONFIG=str(self.directory), **environment)

    def test_it_follows_what_the_docker_command_follows(self) -> None:
        for current in ("another", "default"):
            self.docker("context", "use", current)
            for environment in ({}, {"DOCKER_CONTEXT": "another"}, {"DOCKER_CONTEXT": "default"},
                                {"DOCKER_CONTEXT": "another", "DOCKER_HOST": docker_context.DEFAULT_HOST}):
                expected = environment.get("DOCKER_HOST") or self.docker(
                    "context", "inspect", "--format", "{{.Endpoints.docker.Host}}",
                    *filter(None, [environment.get("DOCKER_CONTEXT")]))
                found = subprocess.run(["python3", "-I", "-c", "import sys; sys.path.insert(0, sys.argv[1]); from local_aws "
                                        "import docker_context; print(docker_context.find().host)", str(_FOR_CDK.parent)],
                                       capture_output=True, text=True,
                                       env={**os.environ, "DOCKER_CONFIG": str(self.directory), **environment})
                self.assertEqual(expected, found.stdout.strip(), (current, environment, found.stderr))

    def test_an_instance_stays_on_the_engine_it_was_started_on(self) -> None:
        self.addCleanup(self.control, "stop")
        done = self.control("start", DOCKER_CONTEXT="another")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn(self.socket, self.control("status").stdout)
        self.assertEqual(0, self.control("stop").returncode)

    def test_a_context_that_is_no_use_is_named(self) -> None:
        self.docker("context", "create", "away", "--docker", "host=tcp://127.0.0.1:9")
        for name, words in (("none", "DOCKER_CONTEXT=none names a Docker context that is not there"),
                            ("away", "no Docker engine answers at tcp://127.0.0.1:9, where DOCKER_CONTEXT=away leads")):
            done = self.control("start", DOCKER_CONTEXT=name)
            self.assertEqual((2, True), (done.returncode, words in done.stderr), done.stderr)


class ConfigurationTest(WithLocalAws):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory(prefix="local-aws-docker-")
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        # As after Docker Desktop was removed.
        self.settings = {"credsStore": "not-there", "auths": {"registry.example.com": {}}}
        (self.directory / "config.json").write_text(json.dumps(self.settings))
        self.registry = self.answer["endpoint"].removeprefix("http://")

    def for_cdk(self, *arguments: str, text: str = "") -> None:
        environment = json.loads(control(self.home, "env", "--name", self.name, "--json").stdout)
        done = subprocess.run([environment["CDK_DOCKER"], *arguments], input=text, capture_output=True, text=True,
                              env={**os.environ, **environment, "DOCKER_CONFIG": str(self.directory)})
        self.assertEqual(0, done.returncode, done.stderr)

    def push(self, repository: str) -> str:
        if not self.client("ecr").describe_repositories()["repositories"]:
            self.client("ecr").create_repository(repositoryName=repository)
        name = f"{self.registry}/{repository}:1"
        self.for_cdk("login", "--username", "AWS", "--password-stdin", f"http://{self.registry}", text="word")
        context = self.directory / "context"
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text(f"FROM {IMAGE}\nLABEL pushed=here\n")
        self.for_cdk("build", "--tag", name, str(context))
        self.for_cdk("push", name)
        return name

    def test_a_login_is_not_the_users_and_needs_no_helper(self) -> None:
        self.push("pushed")
        self.assertEqual(self.settings, json.loads((self.directory / "config.json").read_text()))
        ours = json.loads((Path(self.answer["stateDir"]) / "docker" / "config.json").read_text())
        self.assertEqual([self.registry], list(ours["auths"]))

    def test_z_images_of_an_emulator_that_crashed_go_with_the_next_start(self) -> None:
        name = self.push("pushed")
        self.assertIn(name, docker("images", "--format", "{{.Repository}}:{{.Tag}}"))
        os.kill(self.answer["pid"], signal.SIGKILL)
        again = control(self.home, "start", "--name", self.name, "--json")
        self.assertIn("removed what an earlier run left: 1 image name", again.stderr)
        self.assertNotIn(name, docker("images", "--format", "{{.Repository}}:{{.Tag}}"))
