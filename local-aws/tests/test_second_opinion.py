"""What AWS's own Runtime Interface Emulator answers for the same image: a second opinion on buffered invocations.

It is built from its Go module. Where that cannot be done, the tests say why and are skipped.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

from local_aws.say import say

from . import functions
from .functions import NAME, OUTPUTS, function
from .running import template

_MODULE = "github.com/aws/aws-lambda-runtime-interface-emulator"
_VERSION = "v0.0.0-20261030222936-bef5c4ba774d"
_TIMEOUT = 3


def _skip(sentence: str) -> NoReturn:
    # Said aloud, too: a skipped test is easily overlooked.
    say(f"no second opinion: {sentence}")
    raise unittest.SkipTest(sentence)


def _build(directory: Path) -> Path:
    go = shutil.which("go")
    if not go:
        _skip("Go is not installed; the Runtime Interface Emulator is built with it.")
    fetched = subprocess.run([go, "mod", "download", "-json", f"{_MODULE}@{_VERSION}"], capture_output=True, text=True,
                             cwd=directory)
    source = json.loads(fetched.stdout or "{}")
    if "Dir" not in source:
        reason = (source.get("Error") or fetched.stderr or "no answer").strip().splitlines()[-1].strip()
        _skip(f"the Go module proxy does not serve {_MODULE} at {_VERSION}: {reason}")
    # The module cache is read-only, and Go wants to build in a module of one's own.
    shutil.copytree(source["Dir"], directory / "source", copy_function=shutil.copyfile)
    built = directory / "rie"
    # A Go that is too old says so itself; it is not to fetch another one.
    done = subprocess.run([go, "build", "-mod=mod", "-o", str(built), "./cmd/aws-lambda-rie"], capture_output=True,
                          text=True, cwd=directory / "source",
                          env={**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"})
    if done.returncode != 0:
        _skip(f"the Runtime Interface Emulator cannot be built: {done.stderr.strip().splitlines()[-1]}")
    return built


class SecondOpinionTest(functions.WithFunctions):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory(prefix="second-opinion-")
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.rie = _build(Path(cls.scratch.name))
        super().setUpClass()

    @classmethod
    def template(cls) -> dict:
        return template(function(Timeout=_TIMEOUT), **OUTPUTS)

    def theirs(self, event: dict) -> bytes:
        """The answer of a fresh emulator: one that has failed once is not what it was."""
        container = self.docker.containers.run(
            NAME, ["perl", "/runtime.pl"], entrypoint=["/rie"], detach=True, network_mode="bridge",
            environment={"AWS_LAMBDA_FUNCTION_TIMEOUT": str(_TIMEOUT)},
            volumes={str(self.rie): {"bind": "/rie", "mode": "ro"}})
        try:
            container.reload()
            address = container.attrs["NetworkSettings"]["IPAddress"]
            url = f"http://{address}:8080/2015-03-31/functions/function/invocations"
            return _post(url, json.dumps(event).encode())
        finally:
            container.remove(force=True)

    def both(self, command: str, as_: str = "response") -> tuple[bytes, bytes]:
        event = {"sh": command, "as": as_}
        return self.invoke(command, as_=as_)["Payload"], self.theirs(event)

    def test_answers(self) -> None:
        for command, as_ in (("echo hello", "response"), ("head -c 300000 /dev/zero | tr '\\0' x", "response"),
                             ("true", "response"), ("echo '{\"errorType\": \"T\", \"errorMessage\": \"m\"}'", "error")):
            with self.subTest(command=command, as_=as_):
                ours, theirs = self.both(command, as_)
                self.assertEqual(theirs, ours)

    def test_the_end_of_the_runtime(self) -> None:
        ours, theirs = (_words(payload) for payload in self.both("", as_="exit"))
        self.assertEqual(theirs, ours)

    def test_the_deadline(self) -> None:
        ours, theirs = self.both("sleep 20")
        words = f"Task timed out after {_TIMEOUT}.00 seconds"
        self.assertEqual((True, True), (words in ours.decode(), words in theirs.decode()), (ours, theirs))


def _words(payload: bytes) -> dict[str, Any]:
    """An error without what differs each time."""
    answer = json.loads(payload)
    return {"errorType": answer.get("errorType"),
            "errorMessage": re.sub(r"RequestId: \S+", "RequestId: …", answer.get("errorMessage", ""))}


def _post(url: str, body: bytes) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 20
    while True:
        try:
            with opener.open(url, body, timeout=30) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            return error.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
