"""A function's log stream: what its process prints, between the lines that Lambda itself writes."""

import secrets
import threading
import time
from typing import Any, Iterator, Optional

from .invocation import TAIL_BYTES

# Output passes through Docker: after an answer, silence of this length means that all of it is here.
_QUIET_SECONDS = 0.02
_SETTLE_SECONDS = 0.25


class FunctionLog:
    """One stream for each environment, in the function's own log group or in the one it was given."""

    def __init__(self, config: dict, account: str, region: str) -> None:
        self._account, self._region = account, region
        own_group = f"/aws/lambda/{config['FunctionName']}"
        self.group = (config.get("LoggingConfig") or {}).get("LogGroup") or own_group
        # A group that functions share tells in the stream's name whose it is.
        owner = "" if self.group == own_group else config["FunctionName"]
        self.stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/{owner}[{config['Version']}]{secrets.token_hex(16)}"
        self._lock = threading.Lock()
        self._since: Optional[bytearray] = None
        self._last = 0.0
        self.last_line = ""

    def open(self) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch_logs as logs
        with request_scope(self._account, self._region):
            if self.group not in logs._log_groups:
                logs._create_log_group({"logGroupName": self.group})
            logs._create_log_stream({"logGroupName": self.group, "logStreamName": self.stream})

    def write(self, *lines: str) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch_logs as logs
        now = int(time.time() * 1000)
        with self._lock:
            if self._since is not None:
                self._since += "".join(line + "\n" for line in lines).encode()
                # Only its end is ever asked for.
                del self._since[:-TAIL_BYTES]
            with request_scope(self._account, self._region):
                logs._put_log_events({"logGroupName": self.group, "logStreamName": self.stream, "logEvents": [
                    {"timestamp": now, "message": line + "\n"} for line in lines]})

    def begin_tail(self) -> None:
        with self._lock:
            self._since = bytearray()

    def tail(self) -> bytes:
        """The last 4 kB since the invocation began."""
        with self._lock:
            return bytes(self._since or b"")

    def follow(self, chunks: Iterator[bytes]) -> threading.Thread:
        """Takes what a process prints; the thread ends with the process."""
        thread = threading.Thread(target=self._follow, args=(chunks,), daemon=True, name=f"logs {self.stream}")
        thread.start()
        return thread

    def settle(self) -> None:
        """Waits a moment for output that is still on its way."""
        until = time.monotonic() + _SETTLE_SECONDS
        begin = time.monotonic()
        while time.monotonic() < until:
            quiet_since = max(begin, self._last)
            if time.monotonic() - quiet_since >= _QUIET_SECONDS:
                return
            time.sleep(_QUIET_SECONDS / 4)

    def _follow(self, chunks: Any) -> None:
        pending = b""
        for chunk in chunks:
            self._last = time.monotonic()
            *lines, pending = (pending + chunk).split(b"\n")
            # CloudWatch Logs has no empty events.
            texts = [line.decode(errors="replace").rstrip("\r") for line in lines]
            if any(texts):
                self.last_line = texts[-1] or self.last_line
                self.write(*[text for text in texts if text])
            self._last = time.monotonic()
        if pending.strip():
            self.write(pending.decode(errors="replace"))
