"""An instance's directory and what is remembered there between two commands."""

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any, Iterator, Optional

from .errors import LocalAwsError, USER_ERROR

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


def home() -> Path:
    """The directory that holds every instance of this user."""
    override = os.environ.get("CDK_VAST_LOCAL_AWS_HOME")
    if override:
        return Path(override).expanduser().resolve()
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "cdk-vast" / "local-aws"


def process_start(pid: int) -> Optional[str]:
    """When a process began, so that a recycled process id is not taken for it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rsplit(")", 1)[-1].split()
    return None if fields[0] == "Z" else fields[19]


def process_runs(pid: Optional[int], start: Optional[str]) -> bool:
    if not pid:
        return False
    if not Path("/proc/self/stat").exists():
        # No /proc (macOS): the process id has to do.
        try:
            os.kill(pid, 0)
            return True
        except OSError:
            return False
    return start is not None and process_start(pid) == start


class Instance:
    """One local AWS, running or not."""

    def __init__(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise LocalAwsError(
                f"the instance name {name!r} is not usable; a name has up to 31 lower-case letters, "
                "digits and hyphens, and does not begin with a hyphen.",
                USER_ERROR,
            )
        self.name = name
        self.directory = home() / name

    @property
    def log_file(self) -> Path:
        return self.directory / "emulator.log"

    @property
    def _record_file(self) -> Path:
        return self.directory / "instance.json"

    def prepare(self) -> str:
        """Makes the directory, and gives the id that labels the instance's Docker objects."""
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / "id"
        if not file.exists():
            file.write_text(secrets.token_hex(4))
        return file.read_text().strip()

    def identity(self) -> Optional[str]:
        file = self.directory / "id"
        return file.read_text().strip() if file.exists() else None

    def record(self) -> Optional[dict[str, Any]]:
        """What the running emulator wrote about itself; None when it does not run."""
        try:
            record = json.loads(self._record_file.read_text())
        except (OSError, ValueError):
            return None
        return record if process_runs(record.get("pid"), record.get("processStart")) else None

    def save(self, record: dict[str, Any]) -> None:
        # Written aside and renamed: a reader never sees half a record.
        temporary = self._record_file.with_suffix(".new")
        temporary.write_text(json.dumps(record, indent=2))
        temporary.replace(self._record_file)

    def forget(self) -> None:
        self._record_file.unlink(missing_ok=True)


def running_instances() -> Iterator[Instance]:
    """Every instance of this user whose emulator runs."""
    for directory in sorted(home().glob("*/instance.json")):
        instance = Instance(directory.parent.name)
        if instance.record():
            yield instance
