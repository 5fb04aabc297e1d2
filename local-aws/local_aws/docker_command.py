"""The docker command as the CDK CLI calls it for an instance: on the instance's engine, with logins of the instance's own."""

import json
import os
import shutil
from pathlib import Path
from typing import Any, Sequence

from . import docker_context
from .instance import Instance, private_directory, write_private

# Settings without secrets that decide how the command works.
_KEPT = ("aliases", "cliPluginsExtraDirs", "experimental", "features", "plugins", "proxies")
# Directories of the configuration: plugins, and the builders of buildx.
_LINKED = ("buildx", "cli-plugins")


def environment(instance: Instance, arguments: Sequence[str]) -> dict[str, str]:
    """The environment of the docker command for these arguments."""
    host = instance.docker_host() or docker_context.find().host
    plain = {name: value for name, value in os.environ.items() if name != "DOCKER_CONTEXT"}
    theirs = docker_context.configuration_directory()
    if command(arguments) == "build" and _helper_is_there(docker_context.configuration(theirs)):
        # Base images may take the user's own login.
        return {**plain, "DOCKER_HOST": host}
    return {**plain, "DOCKER_HOST": host, "DOCKER_CONFIG": str(_configuration(instance, theirs))}


def command(arguments: Sequence[str]) -> str:
    """The command after docker's own options, of which the CDK CLI sends one."""
    return next(iter(arguments[2:] if arguments[:1] == ["--config"] else arguments), "")


def _helper_is_there(settings: dict[str, Any]) -> bool:
    """Without the program that keeps the logins docker fails, also where none is needed."""
    helper = settings.get("credsStore")
    return not helper or shutil.which(f"docker-credential-{helper}") is not None


def _configuration(instance: Instance, theirs: Path) -> Path:
    directory = instance.directory / "docker"
    private_directory(directory)
    settings = {name: value for name, value in docker_context.configuration(theirs).items() if name in _KEPT}
    # Docker itself adds the logins to the registry of this local AWS; several of its commands may be at it.
    written = docker_context.configuration(directory)
    auths = written.pop("auths", {})
    if written != settings or not (directory / "config.json").exists():
        write_private(directory / "config.json", json.dumps({**settings, "auths": auths}))
    for name in _LINKED:
        link = directory / name
        if (theirs / name).is_dir() and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to((theirs / name).resolve())
    return directory
