"""The health of each container of a task. Needs no Docker."""

import threading
import time
import unittest
from types import SimpleNamespace

from local_aws.adapter.task_health import TaskHealth

_CHECK = {"command": ["CMD", "true"]}
_STARTING = {"Health": {"Status": "starting"}}


class _Container:
    """A container in which each health check ends with the same exit code."""

    def __init__(self, exit_code: int) -> None:
        self._exit_code = exit_code
        self.asked = threading.Event()

    def exec_run(self, _command: list[str]) -> SimpleNamespace:
        self.asked.set()
        return SimpleNamespace(exit_code=self._exit_code)


class TaskHealthTest(unittest.TestCase):
    def test_a_healthy_sidecar_does_not_vouch_for_the_engine(self) -> None:
        records = [{"healthStatus": "UNKNOWN"}, {"healthStatus": "UNKNOWN"}]
        health = TaskHealth({"containers": records},
                            {"containerDefinitions": [{"healthCheck": _CHECK}, {"healthCheck": _CHECK}]})
        sidecar, engine = _Container(0), _Container(1)
        deadline = time.monotonic() + 60
        while records[0]["healthStatus"] != "HEALTHY" or not engine.asked.is_set():
            self.assertLess(time.monotonic(), deadline, "the engine was not asked")
            health.record(0, sidecar, _STARTING)
            health.record(1, engine, _STARTING)
            self.assertEqual("UNKNOWN", records[1]["healthStatus"])
            time.sleep(0.01)
        health.record(1, engine, _STARTING)
        self.assertEqual(["HEALTHY", "UNKNOWN"], [record["healthStatus"] for record in records])
        self.assertEqual("UNKNOWN", health.of_task())


if __name__ == "__main__":
    unittest.main()
