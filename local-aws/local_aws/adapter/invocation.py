"""One invocation of a function, and what may go wrong with it in Lambda's own words."""

import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Callable, Optional, Protocol

# What Lambda takes and gives in one piece, and what it streams.
REQUEST_LIMIT = 6 * 1024 * 1024
EVENT_LIMIT = 1024 * 1024
RESPONSE_LIMIT = 6_291_556
STREAM_LIMIT = 200 * 1024 * 1024
TAIL_BYTES = 4096


@dataclass(frozen=True)
class Failure:
    """Why an invocation failed: as the caller gets to see it, and in a stream's last event."""

    kind: str
    payload: bytes
    handled: bool = False

    @staticmethod
    def of(kind: str, message: str) -> "Failure":
        return Failure(kind, json.dumps({"errorType": kind, "errorMessage": message}).encode())

    @property
    def function_error(self) -> str:
        return "Handled" if self.handled else "Unhandled"


class ResponseTooLarge(Exception):
    """The function said more than its caller can be given."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"Response payload size exceeded maximum allowed payload size ({limit} bytes).")

    def failure(self) -> Failure:
        return Failure.of("Function.ResponseSizeTooLarge", str(self))


class Response(Protocol):
    """Where a function's answer goes while it is given."""

    def begin(self, content_type: str, streaming: bool) -> None: ...

    def write(self, data: bytes) -> None: ...

    def finish(self, failure: Optional[Failure], log_tail: bytes) -> None: ...


class BufferedResponse:
    """The answer of Invoke: kept until it is whole."""

    def __init__(self) -> None:
        self.payload = bytearray()
        self.failure: Optional[Failure] = None
        self.log_tail = b""

    def begin(self, content_type: str, streaming: bool) -> None:
        self.payload.clear()

    def write(self, data: bytes) -> None:
        if len(self.payload) + len(data) > RESPONSE_LIMIT:
            raise ResponseTooLarge(RESPONSE_LIMIT)
        self.payload += data

    def finish(self, failure: Optional[Failure], log_tail: bytes) -> None:
        self.failure, self.log_tail = failure, log_tail


@dataclass
class Invocation:
    """What a runtime is handed, and what became of it."""

    request_id: str
    payload: bytes
    arn: str
    response: Response
    client_context: Optional[str] = None
    trace_id: str = field(default_factory=lambda: trace_id())
    deadline: float = 0.0
    failure: Optional[Failure] = None
    # The runtime has given its answer, or never will.
    answered: threading.Event = field(default_factory=threading.Event)
    # Called once, when the caller has all it gets.
    on_finished: Callable[[], None] = lambda: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def settle(self, failure: Optional[Failure]) -> None:
        """Notes how it ended; the first word counts."""
        with self._lock:
            if not self.answered.is_set():
                self.failure = failure
                self.answered.set()

    def finish(self, log_tail: bytes) -> None:
        self.response.finish(self.failure, log_tail)
        self.on_finished()


def trace_id() -> str:
    root = f"{int(time.time()):08x}-{secrets.token_hex(12)}"
    return f"Root=1-{root};Parent={secrets.token_hex(8)};Sampled=0"


def timed_out(request_id: str, seconds: float) -> Failure:
    return Failure.of("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds")


def exited(request_id: str, how: str) -> Failure:
    return Failure.of("Runtime.ExitError", f"RequestId: {request_id} Error: {how}")
