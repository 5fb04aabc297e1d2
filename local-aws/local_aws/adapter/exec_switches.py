"""The switches of ECS Exec for tests: what sessions that begin from now on are like."""

import json
import math
import os
import re
from pathlib import Path
from typing import Any, Callable

_FAULTS = ("seed", "drop", "duplicate", "reorder", "delay", "delayMilliseconds", "corrupt", "cut", "pause",
           "pauseMilliseconds", "split", "limit")
_QUIRKS = ("pacingMilliseconds", "chunkBytes", "drainMilliseconds")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


def parse(body: bytes) -> dict[str, Any]:
    """The members of the gateway's request; raises ValueError with a sentence for anything else."""
    wanted = json.loads(body or b"{}")
    if not isinstance(wanted, dict):
        raise ValueError("the switches of ECS Exec are an object")
    unknown = [name for name in wanted if name not in _SWITCHES]
    if unknown:
        raise ValueError(f"ECS Exec has no switch {unknown[0]!r}; it has {', '.join(_SWITCHES)}")
    return {name: _SWITCHES[name](name, value) for name, value in wanted.items()}


def _number(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} is {value!r}; it takes a number of 0 or more")
    return value


def _numbers(known: tuple[str, ...], others: dict[str, Callable]) -> Callable[[str, Any], dict]:
    def parse_object(name: str, value: Any) -> dict:
        if not isinstance(value, dict):
            raise ValueError(f"{name} is {value!r}; it takes an object")
        for member, content in value.items():
            if member not in known and member not in others:
                raise ValueError(f"{name} has no member {member!r}; it has {', '.join((*known, *others))}")
            others.get(member, _number)(f"{name}.{member}", content)
        return value

    return parse_object


def _boolean(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; it takes true or false")
    return value


def _record_file(name: str, value: Any) -> str:
    """The path of a file below the state directory, whose name alone was given."""
    if not isinstance(value, str) or not _FILE.fullmatch(value):
        raise ValueError(f"{name} is {value!r}; it takes the name of a file without its directory, "
                         "which is `recordings` in the state directory")
    directory = Path(os.environ["CDK_VAST_LOCAL_AWS_DIRECTORY"]) / "recordings"
    directory.mkdir(mode=0o700, exist_ok=True)
    return str(directory / value)


_SWITCHES: dict[str, Callable[[str, Any], Any]] = {
    "quirks": _numbers(_QUIRKS, {"utf8": _boolean}),
    "faults": _numbers(_FAULTS, {}),
    "idleMilliseconds": _number,
    "goneMilliseconds": _number,
    "recordFile": _record_file,
}
