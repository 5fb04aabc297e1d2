"""The container of an execution environment: one process, from its start to its end."""

import logging
import re
import threading
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

from docker.errors import APIError, NotFound
from docker.utils.socket import frames_iter

from . import engine, function_container
from .function_log import FunctionLog
from .function_version import FunctionVersion
from .runtime_session import RuntimeSession

logger = logging.getLogger("local-aws")

_LOG_SECONDS = 3.0
_SIGNALS = {4: "illegal instruction", 6: "aborted", 7: "bus error", 8: "floating point exception", 9: "killed",
            11: "segmentation fault", 13: "broken pipe", 15: "terminated"}


class InvalidEntrypoint(Exception):
    """The container was made and would not start."""


class FunctionProcess:
    """A running container and the session that its runtime has with Lambda."""

    def __init__(self, function: FunctionVersion, name: str, sandbox: str, log: FunctionLog) -> None:
        self.session = RuntimeSession()
        self._function, self._log = function, log
        self._gone = threading.Event()
        self._freezing = threading.Lock()
        self._frozen = False
        self._reader: Optional[threading.Thread] = None
        self._container: Any = engine.client().containers.create(
            **function_container.settings(function, name, sandbox, log.group, log.stream))

    def start(self) -> None:
        # Attached before it starts: nothing that it prints is missed.
        output = engine.client().api.attach_socket(self._container.id, params={"stdout": 1, "stderr": 1, "stream": 1})
        try:
            self._container.start()
        except APIError as error:
            self._gone.set()
            _close(output)
            raise InvalidEntrypoint(str(error.explanation or error)) from error
        self._reader = self._log.follow(_printed(output))
        threading.Thread(target=self._watch, daemon=True, name=f"function {self._function.name}").start()

    def throttle(self) -> None:
        """From now on the processors are shared out by memory."""
        self._container.update(**function_container.processor_share(self._function))

    def freeze(self, still_idle: Callable[[], bool]) -> None:
        with self._freezing:
            if still_idle() and not self._gone.is_set():
                try:
                    self._container.pause()
                    self._frozen = True
                except APIError as error:
                    # It ended a moment ago, which its watcher tells of.
                    logger.info("freezing %s: %s", self._function.name, error)

    def thaw(self) -> None:
        with self._freezing:
            if self._frozen:
                self._container.unpause()
                self._frozen = False

    def peak_memory_mb(self) -> Optional[int]:
        """The most memory that it has had so far, where the kernel shows it."""
        try:
            pid = engine.client().api.inspect_container(self._container.id)["State"]["Pid"]
            groups = Path(f"/proc/{pid}/cgroup").read_text()
        except (OSError, APIError):
            return None
        for pattern, root, name in ((r"^\d+:(?:.*,)?memory(?:,.*)?:(.+)$", "/sys/fs/cgroup/memory",
                                     "memory.max_usage_in_bytes"), (r"^0::(.+)$", "/sys/fs/cgroup", "memory.peak")):
            found = re.search(pattern, groups, re.M)
            try:
                return int(Path(f"{root}{found.group(1)}/{name}").read_text()) // 1048576 + 1 if found else None
            except (OSError, ValueError):
                continue
        return None

    def kill(self) -> None:
        """Ends it at once; returns when it is gone."""
        try:
            self._container.remove(force=True, v=True)
        except (NotFound, APIError) as error:
            logger.info("removing %s: %s", self._function.name, error)
        self.session.ended("Runtime exited with error: signal: killed")
        self._gone.wait(_LOG_SECONDS)

    def _watch(self) -> None:
        try:
            code = int(engine.client().api.wait(self._container.id, timeout=None)["StatusCode"])
        except (NotFound, APIError, KeyError):
            code = 137
        # What it said last belongs before the word of its end.
        if self._reader:
            self._reader.join(_LOG_SECONDS)
        self._gone.set()
        self.session.ended(_how(code))


def _printed(output: Any) -> Iterator[bytes]:
    try:
        for _, data in frames_iter(output, tty=False):
            yield data
    finally:
        _close(output)


def _close(output: Any) -> None:
    # docker-py leaves an attached connection to the garbage collector, and there is one for each process.
    output._response.close()
    output.close()


def _how(code: int) -> str:
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 128:
        number = code - 128
        return f"Runtime exited with error: signal: {_SIGNALS.get(number, f'signal {number}')}"
    return f"Runtime exited with error: exit status {code}"
