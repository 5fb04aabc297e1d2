"""The awslogs driver: what a container writes, line by line, into CloudWatch Logs."""

import threading
from datetime import datetime
from typing import Any, Iterator, Optional

from .task_failures import ResourceInitializationError



class LogForwarder:
    """Follows one container until it has ended and all its output is delivered."""

    def __init__(self, definition: dict, task_id: str, account: str, region: str) -> None:
        options = (definition.get("logConfiguration") or {}).get("options") or {}
        self._group = options["awslogs-group"]
        self._region = options.get("awslogs-region") or region
        self._account = account
        prefix = options.get("awslogs-stream-prefix")
        self._stream = f"{prefix}/{definition['name']}/{task_id}" if prefix else task_id
        self._create_group = str(options.get("awslogs-create-group", "")).lower() == "true"
        self._thread: Optional[threading.Thread] = None

    @staticmethod
    def for_container(definition: dict, task_id: str, account: str, region: str) -> Optional["LogForwarder"]:
        if (definition.get("logConfiguration") or {}).get("logDriver") != "awslogs":
            return None
        return LogForwarder(definition, task_id, account, region)

    def prepare(self) -> None:
        """Makes the stream; a missing group keeps the task from starting, as on AWS."""
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch_logs as logs
        with request_scope(self._account, self._region):
            if self._group not in logs._log_groups:
                if not self._create_group:
                    raise ResourceInitializationError(
                        "failed to validate logger args: The task cannot find the Amazon CloudWatch log group "
                        f"defined in the task definition: {self._group}: The specified log group does not exist.")
                logs._create_log_group({"logGroupName": self._group})
            logs._create_log_stream({"logGroupName": self._group, "logStreamName": self._stream})

    def follow(self, container: Any) -> None:
        self._thread = threading.Thread(target=self._run, args=(container,), daemon=True,
                                        name=f"logs {self._stream}")
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Waits until the last line of an ended container is delivered."""
        if self._thread:
            self._thread.join(seconds)

    def _run(self, container: Any) -> None:
        from ministack.core.responses import request_scope
        from ministack.services import cloudwatch_logs as logs
        with request_scope(self._account, self._region):
            for milliseconds, message in _lines(container.logs(stream=True, follow=True, timestamps=True)):
                logs._put_log_events({
                    "logGroupName": self._group, "logStreamName": self._stream,
                    "logEvents": [{"timestamp": milliseconds, "message": message}],
                })


def _lines(chunks: Iterator[bytes]) -> Iterator[tuple[int, str]]:
    """(time, line) of each line; Docker puts a time before each piece of a long one."""
    pending, since = "", 0
    for chunk in chunks:
        for piece in chunk.decode(errors="replace").splitlines(keepends=True):
            stamp, _, text = piece.partition(" ")
            milliseconds = _milliseconds(stamp)
            if milliseconds is None:
                text = piece
            if not pending:
                since = milliseconds or since
            pending += text
            if pending.endswith("\n"):
                # CloudWatch Logs has no empty events.
                if pending.rstrip("\r\n"):
                    yield since, pending.rstrip("\r\n")
                pending = ""
    if pending:
        yield since, pending


def _milliseconds(stamp: str) -> Optional[int]:
    # 2026-01-02T03:04:05.123456789Z: more digits than datetime understands.
    seconds, _, fraction = stamp.rstrip("Z").partition(".")
    try:
        moment = datetime.fromisoformat(seconds + "+00:00")
    except ValueError:
        return None
    return int(moment.timestamp() * 1000) + int((fraction + "000")[:3] or 0)
