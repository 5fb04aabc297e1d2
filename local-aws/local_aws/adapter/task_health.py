"""The health of a task's containers, as Docker and their own checks tell it."""

import threading
import time
from typing import Any, Optional

from docker.errors import APIError

_PROBE_SECONDS = 1.0


class TaskHealth:
    """Keeps `healthStatus` of a task's containers."""

    def __init__(self, task: dict, task_definition: dict) -> None:
        self._task = task
        self._containers = task_definition["containerDefinitions"]
        self._probes = [_Probe(d.get("healthCheck")) for d in self._containers]

    @property
    def is_checked(self) -> bool:
        return any(d.get("healthCheck") for d in self._containers)

    @property
    def is_ready(self) -> bool:
        """Whether clients may find the task: with a check when it passes, else as soon as it runs."""
        return not self.is_checked or self.of_task() == "HEALTHY"

    def of_task(self) -> str:
        states = [record["healthStatus"] for record, definition in zip(self._task["containers"], self._containers)
                  if definition.get("healthCheck") and definition.get("essential", True)]
        for status in ("UNHEALTHY", "UNKNOWN"):
            if status in states or not states:
                return status if states else "UNKNOWN"
        return "HEALTHY"

    def record(self, index: int, container: Any, state: dict) -> bool:
        """Notes what Docker says of a running container; tells whether that is news."""
        definition = self._containers[index]
        if not definition.get("healthCheck"):
            return False
        record = self._task["containers"][index]
        seen = (state.get("Health") or {}).get("Status")
        status = {"healthy": "HEALTHY", "unhealthy": "UNHEALTHY"}.get(seen or "", record["healthStatus"])
        if seen == "starting" and record["healthStatus"] == "UNKNOWN" and self._probes[index].passes(container):
            status = "HEALTHY"
        news = bool(status != record["healthStatus"])
        record["healthStatus"] = status
        return news


class _Probe:
    """Asks a container's health check early: Docker's first own answer comes after a whole interval.

    It asks on another thread, since a check that hangs must not keep the task from being stopped.
    """

    def __init__(self, check: Optional[dict]) -> None:
        self._check = check
        self._last_probe = 0.0
        self._probing: Optional[threading.Thread] = None
        self._probe_passed = False

    def passes(self, container: Any) -> bool:
        waited = time.monotonic() - self._last_probe >= _PROBE_SECONDS
        if waited and not (self._probing and self._probing.is_alive()):
            self._last_probe = time.monotonic()
            self._probing = threading.Thread(target=self._ask, args=(container,), daemon=True)
            self._probing.start()
        return self._probe_passed

    def _ask(self, container: Any) -> None:
        assert self._check is not None
        kind, *command = self._check["command"]
        if kind == "CMD-SHELL":
            command = ["/bin/sh", "-c", *command]
        elif kind != "CMD":
            command = [kind, *command]
        try:
            self._probe_passed = container.exec_run(command).exit_code == 0
        except APIError:
            # The container ended in the meantime; the next look will say so.
            pass
