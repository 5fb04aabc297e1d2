"""Removing what an instance left in Docker."""

import socket
import time
from collections import Counter
from typing import Callable, Iterable, Optional
from urllib.parse import quote

from . import docker_api
from .labels import INSTANCE_ID
from .say import say

_LEAVING_SECONDS = 15.0
_RETRY_SECONDS = 0.2


def remove_all(identities: Iterable[str], registries: list[str]) -> Counter:
    """Removes what instances with these ids and registries made; counts what went."""
    removed: Counter = Counter()
    for identity in identities:
        removed.update(remove(identity))
    removed["image name"] = remove_pushed_images(registries)
    return +removed


def remove(identity: str) -> Counter:
    """Removes every container, network and volume of the instance; counts what went."""
    removed: Counter = Counter()
    label = f"{INSTANCE_ID}={identity}"
    for container in docker_api.labelled("containers", label):
        if _delete(f"/containers/{container['Id']}", {"force": "true", "v": "true"}):
            removed["container"] += 1
    for network in docker_api.labelled("networks", label):
        if _delete_network(network["Id"]):
            removed["network"] += 1
    # A volume that is a view into another one goes first, or its parent is in the way.
    volumes = docker_api.labelled("volumes", label)
    for volume in sorted(volumes, key=lambda v: not v.get("Options")):
        if _delete(f"/volumes/{quote(volume['Name'])}", {"force": "true"}):
            removed["volume"] += 1
    return removed


def remove_pushed_images(registries: list[str], tell: Callable[[str], None] = say) -> int:
    """Takes the names of emulators' registries off the images here, unless the port is somebody else's by now."""
    prefixes = tuple(f"{registry}/" for registry in registries if not _listens(registry))
    if not prefixes:
        return 0
    names = [name for image in docker_api.call("GET", "/images/json")
             for name in image.get("RepoTags") or [] if name.startswith(prefixes)]
    return sum(_remove_name(name, tell) for name in names)


def _remove_name(name: str, tell: Callable[[str], None]) -> bool:
    try:
        docker_api.call("DELETE", f"/images/{quote(name, safe='/:')}", {"noprune": "true"}, timeout=120)
        return True
    except docker_api.DockerApiError as error:
        if error.status == 409:
            # The last name of an image that a container of somebody else's is made of.
            tell(f"the image name {name} stays: {error}")
        elif error.status != 404:
            raise
        return False


def _listens(registry: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as one:
        return one.connect_ex(("127.0.0.1", int(registry.rsplit(":", 1)[-1]))) == 0


def _delete_network(network: str) -> bool:
    """A container that is just going keeps its network for a moment, which Docker calls forbidden."""
    until = time.monotonic() + _LEAVING_SECONDS
    while True:
        try:
            return _delete(f"/networks/{network}")
        except docker_api.DockerApiError as error:
            if error.status != 403 or time.monotonic() > until:
                raise
        time.sleep(_RETRY_SECONDS)


def _delete(path: str, query: Optional[dict] = None) -> bool:
    try:
        docker_api.call("DELETE", path, query, timeout=120)
        return True
    except docker_api.DockerApiError as error:
        # Gone in the meantime, or already going: both are what was wanted.
        if error.status in (404, 409) and "in use" not in str(error):
            return False
        raise


def describe(removed: Counter) -> str:
    if not removed:
        return "nothing in Docker"
    return ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in removed.items())
