"""Installing what is missing, on Debian and as root only."""

import os
import shutil
import subprocess
from typing import Optional

from .errors import LocalAwsError, FAILURE
from .say import say

_updated = False


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and os.path.exists("/etc/debian_version")


def install(packages: list[str], purpose: str) -> None:
    """Installs packages from the machine's own package sources."""
    global _updated
    say(f"installing {', '.join(packages)} by apt ({purpose})")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if not _updated:
        _run(["apt-get", "update", "-qq"], environment)
        _updated = True
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], environment)


def _run(command: list[str], environment: Optional[dict]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, umask=0o022)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise LocalAwsError(f"`{' '.join(command)}` failed: {last[0]}", FAILURE)
