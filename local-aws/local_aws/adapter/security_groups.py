"""Whether security groups let a connection pass: mounting a file system fails on AWS when they do not."""

import ipaddress
from typing import Iterable


def allow(sources: Iterable[str], source_cidr: str, targets: Iterable[str], target_ip: str, port: int) -> bool:
    """Whether TCP passes out of the sources' groups and into the targets'."""
    from ministack.services import ec2
    sources, targets = list(sources), list(targets)
    outgoing = any(_matches(p, port, targets, f"{target_ip}/32")
                   for group in sources for p in ec2._security_groups.get(group, {}).get("IpPermissionsEgress", []))
    incoming = any(_matches(p, port, sources, source_cidr)
                   for group in targets for p in ec2._security_groups.get(group, {}).get("IpPermissions", []))
    return outgoing and incoming


def admitted(sources: Iterable[str], source_cidr: str, targets: Iterable[str], target_ip: str,
             protocol: str) -> list[tuple[int, int]]:
    """The ranges of ports that a protocol may use, out of the sources' groups and into the targets'."""
    from ministack.services import ec2
    sources, targets = list(sources), list(targets)
    out = [_ports(p) for group in sources
           for p in ec2._security_groups.get(group, {}).get("IpPermissionsEgress", [])
           if _is_of(p, protocol) and _meets(p, targets, f"{target_ip}/32")]
    into = [_ports(p) for group in targets
            for p in ec2._security_groups.get(group, {}).get("IpPermissions", [])
            if _is_of(p, protocol) and _meets(p, sources, source_cidr)]
    both = {(max(a[0], b[0]), min(a[1], b[1])) for a in out for b in into}
    return sorted(ports for ports in both if ports[0] <= ports[1])


def _is_of(permission: dict, protocol: str) -> bool:
    return str(permission.get("IpProtocol")) in ("-1", protocol, {"tcp": "6", "udp": "17"}[protocol])


def _ports(permission: dict) -> tuple[int, int]:
    if str(permission.get("IpProtocol")) == "-1":
        return 0, 65535
    return int(permission.get("FromPort", 0)), int(permission.get("ToPort", 65535))


def _matches(permission: dict, port: int, groups: list[str], cidr: str) -> bool:
    low, high = _ports(permission)
    return _is_of(permission, "tcp") and low <= port <= high and _meets(permission, groups, cidr)


def _meets(permission: dict, groups: list[str], cidr: str) -> bool:
    if any(pair.get("GroupId") in groups for pair in permission.get("UserIdGroupPairs") or []):
        return True
    other = ipaddress.ip_network(cidr)
    return any(other.subnet_of(ipaddress.ip_network(r["CidrIp"]))  # type: ignore[arg-type]
               for r in permission.get("IpRanges") or [])
