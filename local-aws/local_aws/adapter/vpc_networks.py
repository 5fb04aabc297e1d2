"""A Docker network for each VPC, in which a task's address and Cloud Map names are real."""

import ipaddress
import logging
import threading
import time
from pathlib import Path
from typing import Any, Iterator, Optional

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from ..labels import VPC
from . import engine
from .patching import replace

logger = logging.getLogger("local-aws")

# One lock for all changes of membership: a container that leaves and comes back
# must find its address free.
_lock = threading.RLock()
# How long what hangs on a network may take to leave it; afterwards `stop` takes it away by its label.
_LEAVING_SECONDS = 15.0
_RETRY_SECONDS = 0.2
# Where to look when the VPC's own range is taken on this machine.
_SPARE = ipaddress.IPv4Network("10.192.0.0/11")


def install() -> None:
    from ministack.services import ec2

    def delete_vpc(params: dict) -> Any:
        vpc_id = ec2._p(params, "VpcId")
        answer = deleting(params)
        if answer[0] < 400:
            remove(vpc_id)
        return answer

    deleting = replace(ec2, "_delete_vpc", delete_vpc)


def _name(vpc_id: str) -> str:
    return engine.object_name(vpc_id)


def ensure(vpc_id: str, cidr: str) -> str:
    """The name of the VPC's network, made when its first task starts."""
    with _lock:
        name = _name(vpc_id)
        if engine.client().networks.list(names=[name]):
            return name
        refusal: Optional[APIError] = None
        for subnet in _candidates(cidr):
            try:
                engine.client().networks.create(
                    name, driver="bridge", labels=engine.labels(**{VPC: vpc_id}),
                    ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]))
                return name
            except APIError as error:
                # Another network has this range: try the next one.
                refusal = error
        raise refusal or RuntimeError(f"no address range is free for {vpc_id}")


def _candidates(cidr: str) -> Iterator[ipaddress.IPv4Network]:
    wanted = ipaddress.IPv4Network(cidr)
    taken = list(_routes())
    # A bridge over a range that this machine reaches otherwise would cut it off from there.
    if not any(wanted.overlaps(route) for route in taken):
        yield wanted
    for number, spare in enumerate(_SPARE.subnets(new_prefix=24)):
        if number >= 512:
            return
        if not any(spare.overlaps(route) for route in taken):
            yield spare


def _routes() -> Iterator[ipaddress.IPv4Network]:
    try:
        lines = Path("/proc/net/route").read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        address, mask = (int.from_bytes(bytes.fromhex(fields[i]), "little") for i in (1, 7))
        if mask:
            yield ipaddress.IPv4Network((address, bin(mask).count("1")))


def remove(vpc_id: str) -> None:
    for network in engine.client().networks.list(names=[_name(vpc_id)]):
        until = time.monotonic() + _LEAVING_SECONDS
        while not _removed(network) and time.monotonic() < until:
            time.sleep(_RETRY_SECONDS)


def _removed(network: Any) -> bool:
    """Whether it is gone; a container that is just going keeps it for a moment."""
    try:
        with _lock:
            network.remove()
    except NotFound:
        return True
    except APIError as error:
        logger.info("network %s: %s", network.name, error)
        return False
    return True


def address(network: str, container_id: str) -> tuple[str, str]:
    """The container's address and MAC address in the network; empty until it runs."""
    endpoint = engine.client().api.inspect_container(container_id)["NetworkSettings"]["Networks"].get(network) or {}
    return endpoint.get("IPAddress") or "", endpoint.get("MacAddress") or ""


def rename(network: str, container_id: str, aliases: list[str]) -> None:
    """Gives a running container other names.

    Docker fixes names when a container joins, so it leaves and comes back with the same
    address. Its connections outlive that moment; its names are what changes.
    """
    with _lock:
        ip, _ = address(network, container_id)
        if not ip:
            return
        joined = engine.client().networks.get(network)
        joined.disconnect(container_id, force=True)
        joined.connect(container_id, aliases=aliases or None, ipv4_address=ip)
