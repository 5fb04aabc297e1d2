"""The emulator's own Python environment, one for each state of requirements.txt."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian
from .errors import LocalAwsError, USER_ERROR
from .exclusive import exclusive
from .say import say

_ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = _ROOT / "requirements.txt"


def ensure() -> Path:
    """The environment's python, made and filled first if need be."""
    if sys.version_info < (3, 10):
        raise LocalAwsError(
            f"this is Python {sys.version.split()[0]}; the local AWS needs Python 3.10 or newer.", USER_ERROR)
    # The interpreter is part of the key: packages with native code do not outlive its upgrade.
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    directory = _ROOT / ".venv" / key
    python = directory / "bin" / "python"
    complete = directory / "complete"
    if complete.exists():
        return python
    with exclusive(_ROOT / ".venv" / "lock", "prepares the emulator"):
        if not complete.exists():
            _make(directory, python)
            complete.touch()
    return python


def _make(directory: Path, python: Path) -> None:
    say("preparing the emulator (first start only, about half a minute)")
    shutil.rmtree(directory, ignore_errors=True)
    if not _has_ensurepip():
        if not debian.can_install():
            raise LocalAwsError(
                "Python's venv module cannot make an environment with pip here (ensurepip is missing); "
                "install it, on Debian and Ubuntu with `apt-get install python3-venv`.", USER_ERROR)
        debian.install(["python3-venv"], "to make a Python environment")
    _run([sys.executable, "-m", "venv", str(directory)], "making a Python environment")
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
          "-r", str(REQUIREMENTS)], "installing the emulator from the Python package index")


def _has_ensurepip() -> bool:
    return subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0


def _run(command: list[str], deed: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise LocalAwsError(f"{deed} failed: {last[0]}")
