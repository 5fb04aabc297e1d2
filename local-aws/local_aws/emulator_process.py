"""Starting, finding and ending the emulator's process."""

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any, Iterator, NamedTuple, Optional

from .errors import LocalAwsError
from .instance import Instance, UnreadableRecord, home, private_file, process_runs, process_start
from .python_environment import without_python_settings
from . import settings

_START_SECONDS = 60
_MODULE = "local_aws.emulator"
_ROOT = Path(__file__).resolve().parent.parent


def start(instance: Instance, python: Path, identity: str) -> dict[str, Any]:
    """Starts the emulator detached; returns what it says about itself once it is healthy."""
    instance.forget()
    environment = {
        **_without_aws_settings(without_python_settings()),
        "PYTHONPATH": str(_ROOT),
        "PYTHONUNBUFFERED": "1",
        # Its own calls to itself must never meet a real account's credentials.
        "AWS_ACCESS_KEY_ID": settings.ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": "local",
        "CDK_VAST_LOCAL_AWS_NAME": instance.name,
        "CDK_VAST_LOCAL_AWS_ID": identity,
        "CDK_VAST_LOCAL_AWS_DIRECTORY": str(instance.directory),
        "CDK_VAST_LOCAL_AWS_REGION": settings.region(),
    }
    with private_file(instance.log_file) as log:
        process = subprocess.Popen([str(python), "-m", _MODULE, str(instance.directory)], env=environment, cwd=instance.directory,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        return _when_ready(process, instance)
    except BaseException:
        # Ctrl-C among them: it is in a session of its own, and would run on.
        process.kill()
        process.wait()
        instance.forget()
        raise


def _when_ready(process: subprocess.Popen, instance: Instance) -> dict[str, Any]:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        record = instance.record()
        if record and _healthy(record["endpoint"]):
            return record
        if process.poll() is not None:
            raise LocalAwsError(f"the emulator ended at once: {_last_line(instance.log_file)} "
                                f"(log: {instance.log_file})")
        time.sleep(0.1)
    raise LocalAwsError(f"the emulator was not ready within {_START_SECONDS} s (log: {instance.log_file}).")


def _without_aws_settings(environment: dict[str, str]) -> dict[str, str]:
    """Functions of archives run with what the emulator has: no endpoint, profile or key of the user gets there."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_") or name == "AWS_CA_BUNDLE"}


def _healthy(endpoint: str) -> bool:
    try:
        # A proxy of the machine has no business with the loopback interface.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{endpoint}/_ministack/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def _last_line(file: Path) -> str:
    lines = [line for line in file.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


class Emulator(NamedTuple):
    """A running emulator, as the system shows it."""

    pid: int
    start: Optional[str]
    # The id of its instance, where the system shows it.
    identity: Optional[str]


def find(instance: Instance) -> list[Emulator]:
    """The emulators of this user that run from the instance's directory, whatever its record says."""
    if not Path("/proc/self/stat").exists():
        return list(_listed(instance))
    processes = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [Emulator(int(entry.name), process_start(int(entry.name)), _identity(entry))
            for entry in processes if _runs_from(entry, instance.directory)]


def _runs_from(entry: Path, directory: Path) -> bool:
    try:
        if os.geteuid() not in (0, entry.stat().st_uid):
            return False
        arguments = (entry / "cmdline").read_bytes().split(b"\0")
        # The directory itself, not its name: a container may have another one of that name.
        return [b"-m", _MODULE.encode()] == arguments[1:3] and os.path.samefile(entry / "cwd", directory)
    except OSError:
        # Gone in the meantime, or not ours to look at.
        return False


def _identity(entry: Path) -> Optional[str]:
    try:
        variables = dict(line.split("=", 1) for line in (entry / "environ").read_bytes().decode(errors="replace").split("\0")
                         if "=" in line)
    except OSError:
        return None
    return variables.get("CDK_VAST_LOCAL_AWS_ID")


def _listed(instance: Instance) -> Iterator[Emulator]:
    """As `ps` lists them, where there is no /proc (macOS)."""
    listing = subprocess.run(["ps", "-x", "-ww", "-o", "pid=,command="], capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        pid, _, command = line.strip().partition(" ")
        if command.endswith(f" -m {_MODULE} {instance.directory}"):
            yield Emulator(int(pid), None, None)


def running_instances() -> Iterator[Instance]:
    """Every instance of this user whose emulator runs."""
    for file in sorted(home().glob("*/id")):
        instance = Instance(file.parent.name)
        try:
            runs = instance.record() is not None
        except UnreadableRecord:
            runs = False
        if runs or find(instance):
            yield instance


def stop(pid: int, start: Optional[str]) -> None:
    for signal_number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not process_runs(pid, start):
                return
            time.sleep(0.05)
    raise LocalAwsError(f"the emulator (process {pid}) did not end.")
