"""What AWS's own Runtime Interface Emulator answers for the same image: a second opinion on buffered invocations.

Where it cannot be built, the tests say why and are skipped.
"""

import json
import re
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from local_aws.say import say

from . import functions, runtime_interface_emulator
from .functions import NAME, OUTPUTS, function
from .running import template

_TIMEOUT = 3


class SecondOpinionTest(functions.WithFunctions):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory(prefix="second-opinion-")
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.rie = Path(cls.scratch.name, "rie")
        try:
            runtime_interface_emulator.build(cls.rie)
        except runtime_interface_emulator.NotToBeHad as reason:
            # Said aloud, too: a skipped test is easily overlooked.
            say(f"no second opinion: {reason}")
            raise unittest.SkipTest(str(reason)) from None
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
