"""The answer of InvokeWithResponseStream: framed events, passed on while the function still speaks."""

import asyncio
import base64
import json
import struct
import threading
import zlib
from typing import Any, Awaitable, Callable, Optional

from .invocation import STREAM_LIMIT, Failure, ResponseTooLarge

Send = Callable[[dict[str, Any]], Awaitable[None]]
# Bytes of one event; a client need not hold more of them at a time.
_CHUNK = 512 * 1024


def event(kind: str, content_type: str, payload: bytes) -> bytes:
    """One message of application/vnd.amazon.eventstream."""
    headers = b"".join(
        struct.pack(">B", len(name)) + name + struct.pack(">BH", 7, len(value)) + value
        for name, value in ((b":event-type", kind.encode()), (b":content-type", content_type.encode()),
                            (b":message-type", b"event")))
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers
    return head + payload + struct.pack(">I", zlib.crc32(payload, zlib.crc32(head)))


class StreamedResponse:
    """Hands what a function writes to its caller; a caller who does not read holds the function up."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send_event, self._headers = send, headers
        self._loop = asyncio.get_running_loop()
        # A runtime that is killed in the midst of a chunk must not have its last event overtake that chunk.
        self._lock = threading.Lock()
        self._begun = self._complete = False
        self._written = 0

    def begin(self, content_type: str, streaming: bool) -> None:
        with self._lock:
            self._begin()

    def write(self, data: bytes) -> None:
        with self._lock:
            if self._complete:
                return
            rest = memoryview(data)[:STREAM_LIMIT - self._written]
            for start in range(0, len(rest), _CHUNK):
                piece = bytes(rest[start:start + _CHUNK])
                self._written += len(piece)
                self._body(event("PayloadChunk", "application/octet-stream", piece), more=True)
        if len(rest) < len(data):
            raise ResponseTooLarge(STREAM_LIMIT)

    def finish(self, failure: Optional[Failure], log_tail: bytes) -> None:
        complete: dict[str, str] = {}
        if failure:
            complete = {"ErrorCode": failure.kind, "ErrorDetails": failure.payload.decode(errors="replace")}
        if log_tail:
            complete["LogResult"] = base64.b64encode(log_tail).decode()
        with self._lock:
            self._begin()
            self._complete = True
            self._body(event("InvokeComplete", "application/json", json.dumps(complete).encode()), more=False)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._call({"type": "http.response.start", "status": 200, "headers": [
                (b"content-type", b"application/vnd.amazon.eventstream"), *self._headers]})

    def _body(self, data: bytes, more: bool) -> None:
        self._call({"type": "http.response.body", "body": data, "more_body": more})

    def _call(self, message: dict[str, Any]) -> None:
        asyncio.run_coroutine_threadsafe(_awaited(self._send_event, message), self._loop).result()


async def _awaited(send: Send, message: dict[str, Any]) -> None:
    await send(message)
