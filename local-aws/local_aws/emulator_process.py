"""Starting and ending the emulator's process."""

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from .errors import LocalAwsError
from .instance import Instance, private_file, process_runs
from .python_environment import without_python_settings
from . import settings

_START_SECONDS = 60
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
        process = subprocess.Popen([str(python), "-m", "local_aws.emulator"], env=environment, cwd=instance.directory,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        record = instance.record()
        if record and _healthy(record["endpoint"]):
            return record
        if process.poll() is not None:
            raise LocalAwsError(f"the emulator ended at once: {_last_line(instance.log_file)} "
                                f"(log: {instance.log_file})")
        time.sleep(0.1)
    process.kill()
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


def stop(record: dict[str, Any]) -> None:
    pid = record["pid"]
    for signal_number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not process_runs(pid, record.get("processStart")):
                return
            time.sleep(0.05)
    raise LocalAwsError(f"the emulator (process {pid}) did not end.")
