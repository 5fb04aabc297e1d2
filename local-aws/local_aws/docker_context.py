"""The Docker engine that the `docker` command would use: by DOCKER_HOST, else by DOCKER_CONTEXT or the current context."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from .errors import LocalAwsError, USER_ERROR

DEFAULT_HOST = "unix:///var/run/docker.sock"


class Engine(NamedTuple):
    """An engine's address, and what has named it ('' for the usual one)."""

    host: str
    named_by: str


def configuration_directory() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or "~/.docker").expanduser()


def configuration(directory: Path) -> dict[str, Any]:
    """The docker command's own settings; none where they cannot be read."""
    try:
        settings = json.loads((directory / "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def find() -> Engine:
    """The engine's address, as the docker command finds it."""
    given = os.environ.get("DOCKER_HOST")
    if given:
        return Engine(given, f"DOCKER_HOST={given}")
    directory = configuration_directory()
    name = os.environ.get("DOCKER_CONTEXT")
    source = f"DOCKER_CONTEXT={name}"
    if not name:
        name = configuration(directory).get("currentContext")
        source = f"the current Docker context {name}"
    if not name or name == "default":
        return Engine(DEFAULT_HOST, "")
    return Engine(_host(directory, str(name), source), source)


def _host(directory: Path, name: str, source: str) -> str:
    key = hashlib.sha256(name.encode()).hexdigest()
    try:
        context = json.loads((directory / "contexts" / "meta" / key / "meta.json").read_text())
        host = context["Endpoints"]["docker"]["Host"]
    except (OSError, ValueError, KeyError, TypeError):
        raise LocalAwsError(f"{source} names a Docker context that is not there; `docker context ls` lists them, and "
                            "`DOCKER_CONTEXT=default` takes the local engine.", USER_ERROR) from None
    if (directory / "contexts" / "tls" / key).exists():
        raise LocalAwsError(f"{source} connects by TLS, which the local AWS cannot use; "
                            "`DOCKER_CONTEXT=default` takes the local engine.", USER_ERROR)
    return str(host) or DEFAULT_HOST
