"""An instance's directory and what is remembered there between two commands."""

import json
import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import IO, Any, Optional

from .errors import LocalAwsError, USER_ERROR

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
# The fields of a record that commands read, with their types.
_RECORDED = {"endpoint": str, "pid": int, "region": str}


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
    return None if fields[0] == "Z" and not _other_threads(pid) else fields[19]


def _other_threads(pid: int) -> bool:
    """Whether threads outlive the first one; until the last has ended, the process's ports are open."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


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


def make_directory(directory: Path) -> None:
    """Makes a directory and its missing parents, each for this user alone; what is there stays as it is."""
    for missing in reversed([one for one in (directory, *directory.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def private_directory(directory: Path) -> None:
    """Makes a directory that nobody else may enter; one that was left open by an earlier release is closed."""
    make_directory(directory)
    owner = directory.stat().st_uid
    # Root works in other users' directories, too, such as those that are mounted into a container.
    if owner != os.geteuid() and os.geteuid() != 0:
        raise LocalAwsError(f"the state directory {directory} belongs to another user, with the number {owner}; "
                            "set CDK_VAST_LOCAL_AWS_HOME to a directory of your own.", USER_ERROR)
    directory.chmod(0o700)


def private_file(file: Path, append: bool = False) -> IO[bytes]:
    """Opens a log that nobody else may read."""
    make_directory(file.parent)
    opened = open(file, "ab" if append else "wb", opener=lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o600))
    os.fchmod(opened.fileno(), 0o600)
    return opened


def write_private(file: Path, text: str) -> None:
    """Writes a file that nobody else may read; a reader never sees half of it."""
    temporary = tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False)
    try:
        with temporary:
            temporary.write(text)
        os.replace(temporary.name, file)
    except BaseException:
        os.unlink(temporary.name)
        raise


def _text_of(file: Path) -> Optional[str]:
    """What a file holds; None when it is empty or missing."""
    try:
        return file.read_text().strip() or None
    except FileNotFoundError:
        return None


class UnreadableRecord(LocalAwsError):
    """The record of an instance is damaged, or another user's."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"the record {file} cannot be read: {reason}")


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

    @classmethod
    def at(cls, directory: Path) -> "Instance":
        """The instance with this state directory."""
        instance = cls(directory.name)
        instance.directory = directory
        return instance

    @property
    def log_file(self) -> Path:
        return self.directory / "emulator.log"

    @property
    def _record_file(self) -> Path:
        return self.directory / "instance.json"

    def prepare(self) -> str:
        """Makes the directory, and gives the id that labels the instance's Docker objects."""
        private_directory(self.directory)
        if not _text_of(self._secret_file):
            write_private(self._secret_file, secrets.token_urlsafe(32))
        if not _text_of(self._identity_file):
            write_private(self._identity_file, secrets.token_hex(4))
        return self._identity_file.read_text().strip()

    @property
    def _secret_file(self) -> Path:
        return self.directory / "secret"

    def secret(self) -> str:
        """The secret for the emulator's own pages."""
        return self._secret_file.read_text().strip()

    @property
    def _identity_file(self) -> Path:
        return self.directory / "id"

    def exists(self) -> bool:
        """Whether the directory is that of an instance, which may be damaged."""
        return self._identity_file.exists() or self._record_file.exists()

    def identity(self) -> Optional[str]:
        return _text_of(self._identity_file)

    @property
    def _docker_host_file(self) -> Path:
        return self.directory / "docker-host"

    def docker_host(self) -> Optional[str]:
        """The engine on which it was started: what it made there is nowhere else."""
        return _text_of(self._docker_host_file)

    def remember_docker_host(self, host: str) -> None:
        write_private(self._docker_host_file, host)

    @property
    def _registries_file(self) -> Path:
        return self.directory / "registries"

    def registries(self) -> list[str]:
        """The addresses under which images were pushed to it, crashed emulators included."""
        try:
            return self._registries_file.read_text().split()
        except OSError:
            return []

    def remember_registry(self, address: str) -> None:
        write_private(self._registries_file, "\n".join([*self.registries(), address]))

    def forget_registries(self) -> None:
        self._registries_file.unlink(missing_ok=True)

    def record(self) -> Optional[dict[str, Any]]:
        """What the running emulator wrote about itself; None when it does not run.

        Raises UnreadableRecord when there is a record, but not that of an emulator: whether one runs is then not known.
        """
        try:
            text = self._record_file.read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableRecord(self._record_file, str(error)) from None
        if not text.strip():
            raise UnreadableRecord(self._record_file, "it is empty")
        try:
            record = json.loads(text)
        except ValueError:
            raise UnreadableRecord(self._record_file, "it is not JSON") from None
        if not isinstance(record, dict) or any(not isinstance(record.get(name), kind) for name, kind in _RECORDED.items()):
            raise UnreadableRecord(self._record_file, f"it needs {', '.join(_RECORDED)}")
        # Signals to other numbers go to groups of processes.
        if record["pid"] <= 1:
            raise UnreadableRecord(self._record_file, f"its pid is {record['pid']}")
        return record if process_runs(record["pid"], record.get("processStart")) else None

    def save(self, record: dict[str, Any]) -> None:
        write_private(self._record_file, json.dumps(record, indent=2))

    def forget(self) -> None:
        self._record_file.unlink(missing_ok=True)
