"""The emulator's own Python environment, one for each state of requirements.txt."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from . import debian
from .errors import LocalAwsError, USER_ERROR
from .exclusive import exclusive
from .python_environment import for_pip, without_python_settings
from .say import say

_ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = _ROOT / "requirements.txt"
# Raised when what is made below changes: what an earlier release has left is then not used.
_RECIPE = b"2"
# Installed is what this Python finds, wherever pip has put it.
_IMPORTS = "import botocore.session, docker, hypercorn.asyncio, ministack"


def ensure() -> Path:
    """The environment's python, made and filled first if need be."""
    if sys.version_info < (3, 10):
        raise LocalAwsError(
            f"this is Python {sys.version.split()[0]}; the local AWS needs Python 3.10 or newer.", USER_ERROR)
    # The interpreter is part of the key: packages with native code do not outlive its upgrade.
    key = hashlib.sha256(_RECIPE + REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    directory = _ROOT / ".venv" / key
    if not directory.exists():
        # Other users of this installation may use what is made here.
        directory.parent.mkdir(exist_ok=True)
        with exclusive(_ROOT / ".venv" / "lock", "prepares the emulator"):
            if not directory.exists():
                _make(directory)
    return directory / "bin" / "python"


def _make(directory: Path) -> None:
    """Made aside and renamed when it is complete, so that one that is there can be used."""
    say("preparing the emulator (first start only, about half a minute)")
    aside = directory.with_name(f"{directory.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    if not _has_ensurepip():
        if not debian.can_install():
            raise LocalAwsError(
                "Python's venv module cannot make an environment with pip here (ensurepip is missing); "
                "install it, on Debian and Ubuntu with `apt-get install python3-venv`.", USER_ERROR)
        debian.install(["python3-venv"], "to make a Python environment")
    python = [str(aside / "bin" / "python"), "-I"]
    plain = without_python_settings()
    _run([sys.executable, "-I", "-m", "venv", str(aside)], "making a Python environment", plain)
    _run([*python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
          "-r", str(REQUIREMENTS)], "installing the emulator from the Python package index", for_pip(python))
    _run([*python, "-c", _IMPORTS], "loading the emulator after its installation", plain)
    aside.rename(directory)


def _has_ensurepip() -> bool:
    return subprocess.run([sys.executable, "-I", "-c", "import ensurepip"], capture_output=True).returncode == 0


def _run(command: list[str], deed: str, environment: dict[str, str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise LocalAwsError(f"{deed} failed: {last[0]}")
