"""Lambda's Runtime API (2018-06-01), on the loopback interface of one execution environment."""

import base64
import json
import re
import socket
from typing import Any, Optional

import h11

from . import origin_check
from .invocation import RESPONSE_LIMIT, Failure, Invocation, ResponseTooLarge
from .runtime_session import RuntimeSession

PORT = 9001
_BASE = "/2018-06-01/runtime"
_INVOCATION = re.compile(rf"{_BASE}/invocation/([^/]+)/(response|error)")
_READ = 256 * 1024
_DEATH_SECONDS = 2.0
_ERROR_TYPE = "lambda-runtime-function-error-type"
_ERROR_BODY = "lambda-runtime-function-error-body"


class RuntimeApi:
    """Serves the connections of one environment; the session is that of the process that runs now."""

    def __init__(self) -> None:
        self.session: Optional[RuntimeSession] = None

    def serve(self, connection: socket.socket) -> None:
        session = self.session
        if session is None:
            return
        http = h11.Connection(h11.SERVER)
        try:
            while _Exchange(connection, http, session).run():
                http.start_next_cycle()
        except h11.RemoteProtocolError:
            # Not HTTP, or cut short: nobody is left to be told.
            pass


class _Exchange:
    """One request and its answer."""

    def __init__(self, connection: socket.socket, http: h11.Connection, session: RuntimeSession) -> None:
        self._connection, self._http, self._session = connection, http, session
        self._headers: dict[str, str] = {}

    def run(self) -> bool:
        """Serves it; tells whether the connection can go on."""
        request = self._event()
        if not isinstance(request, h11.Request):
            return False
        self._headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        foreign = origin_check.refusal(request.headers)
        if foreign:
            self._drain()
            self._refuse(403, "AccessDenied", foreign)
            return False
        if self._http.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[]))
        self._route(request.method.decode(), request.target.decode().split("?")[0])
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    def _route(self, method: str, path: str) -> None:
        answer = _INVOCATION.fullmatch(path)
        if method == "GET" and path == f"{_BASE}/invocation/next":
            self._drain()
            self._next()
        elif method == "POST" and path == f"{_BASE}/init/error":
            self._init_error()
        elif method == "POST" and answer:
            invocation = self._session.current(answer.group(1))
            if invocation is None:
                self._drain()
                self._refuse(400, "InvalidRequestID", "Invalid request ID")
            elif answer.group(2) == "error":
                self._error(invocation)
            else:
                self._response(invocation)
        else:
            self._drain()
            self._refuse(404, "PathNotFound", f"{method} {path} is not part of the Runtime API")

    def _next(self) -> None:
        if self._session.is_answering():
            self._refuse(403, "InvalidStateTransition", "State transition from Running to Ready failed for runtime. "
                         "Error: State transition is not allowed")
            return
        invocation = self._session.next()
        if invocation is None:
            raise ConnectionAbortedError
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        self._answer(200, headers, invocation.payload)

    def _init_error(self) -> None:
        body = self._drain()
        if self._session.fail_init(Failure(self._headers.get(_ERROR_TYPE, "Runtime.Unknown"), body or b"{}")):
            self._accepted()
        else:
            self._refuse(403, "InvalidStateTransition", "State transition from Ready to InitError failed for runtime. "
                         "Error: State transition is not allowed")

    def _error(self, invocation: Invocation) -> None:
        kind = self._headers.get(_ERROR_TYPE, "Unhandled")
        body = self._drain()
        invocation.settle(Failure(kind, body or b"{}", handled=kind == "Handled"))
        self._accepted()

    def _response(self, invocation: Invocation) -> None:
        streaming = self._headers.get("lambda-runtime-function-response-mode", "").lower() == "streaming"
        try:
            trailers = self._stream(invocation) if streaming else self._whole(invocation)
        except ResponseTooLarge as error:
            invocation.settle(error.failure())
            self._drain()
            self._refuse(413, "RequestEntityTooLarge", f"Exceeded maximum allowed payload size ({RESPONSE_LIMIT} "
                         "bytes)." if not streaming else str(error))
            return
        except (h11.RemoteProtocolError, OSError):
            # A runtime that died tells more by how it died: whoever watches it speaks first.
            if not invocation.answered.wait(_DEATH_SECONDS):
                invocation.settle(Failure.of("Runtime.TruncatedResponse", f"RequestId: {invocation.request_id} "
                                             "Error: the runtime ended its response before it was complete"))
            raise
        invocation.settle(_failure_of(trailers))
        self._accepted()

    def _whole(self, invocation: Invocation) -> dict[str, str]:
        """A response that counts only when it is complete."""
        parts, size = [], 0
        while isinstance(event := self._event(), h11.Data):
            size += len(event.data)
            if size > RESPONSE_LIMIT:
                raise ResponseTooLarge(RESPONSE_LIMIT)
            parts.append(bytes(event.data))
        invocation.response.begin(self._headers.get("content-type", "application/json"), streaming=False)
        invocation.response.write(b"".join(parts))
        return _trailers(event)

    def _stream(self, invocation: Invocation) -> dict[str, str]:
        invocation.response.begin(self._headers.get("content-type", "application/octet-stream"), streaming=True)
        while True:
            # All that has arrived goes on at once, and nothing waits for more.
            pending = bytearray()
            event = self._event()
            while isinstance(event, h11.Data):
                pending += event.data
                event = self._event(wait=False)
            if pending:
                invocation.response.write(bytes(pending))
            if isinstance(event, h11.EndOfMessage):
                return _trailers(event)

    # --- HTTP ------------------------------------------------------------------------

    def _event(self, wait: bool = True) -> Any:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA or not wait:
                return event
            self._http.receive_data(self._connection.recv(_READ))

    def _drain(self) -> bytes:
        parts = []
        while isinstance(event := self._event(), h11.Data):
            parts.append(bytes(event.data))
        return b"".join(parts)[:RESPONSE_LIMIT]

    def _accepted(self) -> None:
        self._answer(202, {}, b'{"status":"OK"}\n')

    def _refuse(self, status: int, kind: str, message: str) -> None:
        self._answer(status, {}, json.dumps({"errorType": kind, "errorMessage": message}).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        self._send(h11.Response(status_code=status, headers=list(headers.items())))
        self._send(h11.Data(data=body))
        self._send(h11.EndOfMessage())

    def _send(self, event: Any) -> None:
        data = self._http.send(event)
        if data:
            self._connection.sendall(data)


def _trailers(event: Any) -> dict[str, str]:
    if not isinstance(event, h11.EndOfMessage):
        raise h11.RemoteProtocolError("the response was cut short")
    return {name.decode(): value.decode("latin-1") for name, value in event.headers}


def _failure_of(trailers: dict[str, str]) -> Optional[Failure]:
    """The error that a runtime met when it had already begun to stream."""
    if _ERROR_TYPE not in trailers and _ERROR_BODY not in trailers:
        return None
    kind = trailers.get(_ERROR_TYPE, "Unhandled")
    try:
        body = base64.b64decode(trailers.get(_ERROR_BODY, ""), validate=True)
    except ValueError:
        body = trailers[_ERROR_BODY].encode()
    return Failure(kind, body or json.dumps({"errorType": kind}).encode())
