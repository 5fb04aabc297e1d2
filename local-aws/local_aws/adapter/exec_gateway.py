"""The gateway's process: begun with the first session, and it ends with this process, whose pipe it reads."""

import http.client
import json
import os
import secrets
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Optional

_PROGRAM = Path(__file__).resolve().parents[3] / "lib" / "local-aws" / "exec-gateway.js"
_NODE = "CDK_VAST_LOCAL_AWS_NODE"
_TIMEOUT = 30

# What sessions that begin from now on are to be like (a switch for tests): members of the gateway's request.
switches: dict[str, Any] = {}


class NoGateway(Exception):
    """There is none; the message is a sentence that says why."""


class ExecGateway:
    """One gateway; made anew when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Optional[subprocess.Popen] = None
        self._port = 0
        self._secret = ""

    def open(self, request: dict[str, Any]) -> dict[str, str]:
        """Begins a session; returns `session` of the answer of ExecuteCommand."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
        answer = self._call("POST", "/sessions", {**request, **switches})
        return {"sessionId": answer["sessionId"], "streamUrl": self.stream_url(answer["sessionId"]),
                "tokenValue": answer["tokenValue"]}

    def resume(self, session_id: str) -> Optional[str]:
        """A new token; None where the session is over."""
        return self._call("POST", f"/sessions/{session_id}/resume")["tokenValue"] if self._process else None

    def terminate(self, session_id: str) -> None:
        if self._process:
            self._call("DELETE", f"/sessions/{session_id}")

    def stream_url(self, session_id: str) -> str:
        return f"ws://127.0.0.1:{self._port}/v1/data-channel/{session_id}?role=publish_subscribe"

    def _start(self) -> None:
        node = os.environ.get(_NODE) or shutil.which("node")
        if not node:
            raise NoGateway(f"ECS Exec takes Node.js here, and there is no `node` in PATH; {_NODE} may name it "
                            "when the local AWS is started.")
        if not _PROGRAM.exists():
            raise NoGateway(f"the gateway of ECS Exec is not built: {_PROGRAM} is missing; "
                            "`npx projen compile` makes it in a clone.")
        self._secret = secrets.token_urlsafe(32)
        self._process = subprocess.Popen(
            [node, str(_PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "CDK_VAST_EXEC_GATEWAY_SECRET": self._secret})
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise NoGateway(f"the gateway of ECS Exec ended at once, with {self._process.wait()}; "
                            "the emulator's log says why.")
        self._port = json.loads(line)["port"]

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Authorization": f"Bearer {self._secret}"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        except OSError as error:
            raise NoGateway(f"the gateway of ECS Exec does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise NoGateway(f"the gateway of ECS Exec refused: {answer['message']}")
        return answer


gateway = ExecGateway()
