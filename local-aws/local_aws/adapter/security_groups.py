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


def _matches(permission: dict, port: int, groups: list[str], cidr: str) -> bool:
    protocol = str(permission.get("IpProtocol"))
    if protocol not in ("-1", "tcp", "6"):
        return False
    if protocol != "-1" and not int(permission.get("FromPort", 0)) <= port <= int(permission.get("ToPort", 65535)):
        return False
    if any(pair.get("GroupId") in groups for pair in permission.get("UserIdGroupPairs") or []):
        return True
    other = ipaddress.ip_network(cidr)
    return any(other.subnet_of(ipaddress.ip_network(r["CidrIp"]))  # type: ignore[arg-type]
               for r in permission.get("IpRanges") or [])
