"""A Docker engine: the one that answers, or one that is installed and started here."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Optional

from . import debian, docker_api, docker_context
from .errors import LocalAwsError, USER_ERROR
from .exclusive import exclusive
from .instance import home, private_file, process_runs, process_start, write_private
from .say import say

_HOW = ("install Docker (on Debian and Ubuntu: `apt-get install docker.io iptables`), start it, "
        "and see that `docker version` shows a server; or set DOCKER_HOST to one that runs.")
_START_SECONDS = 60


def ensure() -> None:
    """Sees that an engine answers; starts one when that is possible."""
    if docker_api.ping():
        return
    with exclusive(home() / "dockerd.lock", "starts a Docker engine"):
        if not docker_api.ping():
            _start()


def _record_file() -> Path:
    return home() / "dockerd.json"


def ours() -> Optional[dict]:
    """The engine that an earlier `start` began and that still runs."""
    try:
        record = json.loads(_record_file().read_text())
    except (OSError, ValueError):
        return None
    return record if process_runs(record["pid"], record["processStart"]) else None


def _start() -> None:
    socket_path = docker_api.unix_socket_path()
    host, named_by = docker_context.find()
    if named_by and not named_by.startswith("DOCKER_HOST="):
        raise LocalAwsError(f"no Docker engine answers at {host}, where {named_by} leads; start it, or take the local "
                            "one with `DOCKER_CONTEXT=default`.", USER_ERROR)
    if socket_path is None:
        raise LocalAwsError(f"no Docker engine answers at {named_by}; start it, or unset DOCKER_HOST to use the local one.",
                            USER_ERROR)
    if Path(socket_path).exists() and not os.access(socket_path, os.R_OK | os.W_OK):
        raise LocalAwsError(f"this user may not use the Docker engine at {socket_path}; become a member of the group "
                            "that owns it (usually `docker`), or set DOCKER_HOST to one that you may use.", USER_ERROR)
    if os.geteuid() != 0:
        raise LocalAwsError(f"no Docker engine answers at {docker_api.docker_host()}, and only root can start one; "
                            + _HOW, USER_ERROR)
    if _answers(docker_context.DEFAULT_HOST):
        # Two engines on one machine take each other's bridge and firewall rules away.
        raise LocalAwsError(f"no Docker engine answers at {docker_api.docker_host()}, but one does at "
                            f"{docker_context.DEFAULT_HOST}; unset DOCKER_HOST to use that one.", USER_ERROR)
    dockerd = _dockerd()
    log_file = home() / "dockerd.log"
    command = [dockerd, "--host", f"unix://{socket_path}"]
    Path(socket_path).parent.mkdir(parents=True, exist_ok=True)
    say(f"starting a Docker engine (log: {log_file})")
    log = private_file(log_file, append=True)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                               cwd="/", start_new_session=True)
    write_private(_record_file(), json.dumps({
        "pid": process.pid, "processStart": process_start(process.pid), "host": f"unix://{socket_path}"}))
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if docker_api.ping():
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    last = _last_error(log_file)
    stop_ours()
    raise LocalAwsError(f"the Docker engine {dockerd} did not start: {last} (log: {log_file})")


def _answers(host: str) -> bool:
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = host
    try:
        return docker_api.ping()
    finally:
        if before is None:
            del os.environ["DOCKER_HOST"]
        else:
            os.environ["DOCKER_HOST"] = before


def _dockerd() -> str:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"])
    found = shutil.which("dockerd", path=path)
    if not found and debian.can_install():
        packages = ["docker.io"] + ([] if shutil.which("iptables", path=path) else ["iptables"])
        debian.install(packages, "no Docker engine is installed")
        found = shutil.which("dockerd", path=path)
    if not found:
        raise LocalAwsError("no Docker engine is installed; " + _HOW, USER_ERROR)
    return found


def _last_error(log_file: Path) -> str:
    lines = [line for line in log_file.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def stop_ours() -> bool:
    """Ends the engine that we began (and its containerd with it); says whether there was one."""
    record = ours()
    if record is None:
        _record_file().unlink(missing_ok=True)
        return False
    os.kill(record["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 30
    while process_runs(record["pid"], record["processStart"]):
        if time.monotonic() > deadline:
            os.kill(record["pid"], signal.SIGKILL)
            break
        # The engine may be our own child, when `start` and `stop` share a process in a test.
        try:
            os.waitpid(record["pid"], os.WNOHANG)
        except ChildProcessError:
            pass
        time.sleep(0.1)
    _record_file().unlink(missing_ok=True)
    return True
