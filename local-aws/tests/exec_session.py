"""A client of ECS Exec, as small as tests can do with: nothing is lost on the loopback interface."""

import hashlib
import json
import socket
import struct
import time
import uuid
from typing import Any, Optional
from urllib.parse import urlparse

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, RejectConnection, Request, TextMessage

_HEADER = struct.Struct(">I32sIQQQ16s32sII")
_OUTPUT, _SIZE, _REQUEST, _RESPONSE, _COMPLETE = 1, 3, 5, 6, 7


class ExecSession:
    """One session over one connection."""

    def __init__(self, session: dict[str, str]) -> None:
        self.session = session
        self.output = b""
        self.end: Optional[str] = None
        self.actions: dict[str, Any] = {}
        self.ready = False
        self.lost = False
        self._sequence = self._expected = 0
        self._frame = b""
        url = urlparse(session["streamUrl"])
        assert url.hostname and url.port
        self._socket = socket.create_connection((url.hostname, url.port))
        self._connection = WSConnection(ConnectionType.CLIENT)
        self._write(self._connection.send(Request(host=url.netloc, target=f"{url.path}?{url.query}")))
        self._started = False
        self.wait(lambda: self._started or self.lost)
        if not self.lost:
            self._write(self._connection.send(TextMessage(json.dumps({
                "MessageSchemaVersion": "1.0", "RequestId": str(uuid.uuid4()), "TokenValue": session["tokenValue"],
                "ClientId": str(uuid.uuid4()), "ClientVersion": "1.2.0.0"}))))

    def type(self, text: bytes) -> None:
        self._send(_OUTPUT, text)

    def resize(self, columns: int, rows: int) -> None:
        self._send(_SIZE, json.dumps({"cols": columns, "rows": rows}).encode())

    def wait(self, what: Any, seconds: float = 60) -> None:
        """Serves the connection until something is so."""
        deadline = time.monotonic() + seconds
        while not what():
            left = deadline - time.monotonic()
            assert left > 0, f"not in time; the output is {self.output!r}, the end {self.end!r}"
            # What is waited for need not come through this connection.
            self._socket.settimeout(min(left, 0.2))
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                continue
            self._connection.receive_data(data or None)
            for event in self._connection.events():
                self._hear(event)
            if not data:
                self.lost = True

    def run_to_end(self, seconds: float = 60) -> bytes:
        """The output of the whole session."""
        self.wait(lambda: self.end is not None, seconds)
        self.close()
        return self.output

    def close(self) -> None:
        self._socket.close()

    def _hear(self, event: Any) -> None:
        if isinstance(event, AcceptConnection):
            self._started = True
        elif isinstance(event, (CloseConnection, RejectConnection)):
            self.lost = True
        elif isinstance(event, BytesMessage):
            self._frame += event.data
            if event.message_finished:
                self._take(self._frame)
                self._frame = b""

    def _take(self, frame: bytes) -> None:
        _, kind, _, _, sequence, _, identity, digest, payload_type, _ = _HEADER.unpack(frame[:120])
        payload = frame[120:]
        assert hashlib.sha256(payload).digest() == digest
        if kind.rstrip() == b"channel_closed":
            self.end = json.loads(payload)["Output"]
        elif kind.rstrip() == b"output_stream_data":
            self._acknowledge(identity, sequence)
            if sequence == self._expected:
                self._expected += 1
                self._act(payload_type, payload)

    def _act(self, payload_type: int, payload: bytes) -> None:
        if payload_type == _OUTPUT:
            self.output += payload
        elif payload_type == _REQUEST:
            self.actions = {a["ActionType"]: a["ActionParameters"]
                            for a in json.loads(payload)["RequestedClientActions"]}
            # What it cannot do, it fails: this client does not encrypt.
            self._send(_RESPONSE, json.dumps({"ClientVersion": "1.2.0.0", "Errors": None, "ProcessedClientActions": [
                {"ActionType": name, "ActionStatus": 1 if name == "SessionType" else 3, "ActionResult": None,
                 "Error": ""} for name in self.actions]}).encode())
        elif payload_type == _COMPLETE:
            self.ready = True

    def _acknowledge(self, identity: bytes, sequence: int) -> None:
        self._send_message(b"acknowledge", 0, 0, json.dumps({
            "AcknowledgedMessageType": "output_stream_data",
            "AcknowledgedMessageId": str(uuid.UUID(bytes=identity[8:] + identity[:8])),
            "AcknowledgedMessageSequenceNumber": sequence, "IsSequentialMessage": True}).encode())

    def _send(self, payload_type: int, payload: bytes) -> None:
        self._send_message(b"input_stream_data", self._sequence, payload_type, payload)
        self._sequence += 1

    def _send_message(self, kind: bytes, sequence: int, payload_type: int, payload: bytes) -> None:
        header = _HEADER.pack(116, kind.ljust(32), 1, int(time.time() * 1000), sequence, 0, uuid.uuid4().bytes,
                              hashlib.sha256(payload).digest(), payload_type, len(payload))
        self._write(self._connection.send(BytesMessage(header + payload)))

    def _write(self, data: bytes) -> None:
        self._socket.settimeout(20)
        self._socket.sendall(data)
