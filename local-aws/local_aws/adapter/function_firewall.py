"""Security groups between a function and the tasks of its VPC, as packet filters in the function's own namespace."""

import logging
import shutil
import subprocess
from typing import Iterator, Optional

from . import security_groups
from .function_version import FunctionVersion
from .sandbox import Sandbox

logger = logging.getLogger("local-aws")

_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"


class FunctionFirewall:
    """Lets through what the groups admit. Looked at anew for each invocation: tasks come and go."""

    def __init__(self, function: FunctionVersion, sandbox: Sandbox) -> None:
        self._function, self._sandbox = function, sandbox
        self._set: Optional[str] = None

    def update(self) -> None:
        if not self._function.subnet_ids:
            return
        from ministack.core.responses import request_scope
        with request_scope(self._function.account, self._function.region):
            rules = "\n".join(("*filter", ":OUTPUT ACCEPT [0:0]", *_rules(self._function), "COMMIT", ""))
        if rules == self._set:
            return
        program = shutil.which("iptables-restore", path=_PATH)
        if program is None:
            logger.warning("%s: without iptables the security groups are not checked", self._function.name)
        else:
            self._sandbox.inside(lambda: subprocess.run(
                [program, "--wait"], input=rules, text=True, check=True, capture_output=True))
        self._set = rules


def _rules(function: FunctionVersion) -> Iterator[str]:
    from ministack.services import ec2, ecs
    subnet = ec2._subnets.get(function.subnet_ids[0])
    if not subnet:
        return
    for task in list(ecs._tasks.values()):
        place = ec2._subnets.get(task.get("_subnet") or "")
        if not task.get("_ip") or task["lastStatus"] == "STOPPED" or not place or place["VpcId"] != subnet["VpcId"]:
            continue
        groups = task["_security_groups"] or [ec2._vpcs[place["VpcId"]].get("DefaultSecurityGroupId")]
        for protocol in ("tcp", "udp"):
            for low, high in security_groups.admitted(function.security_groups, subnet["CidrBlock"], groups,
                                                      task["_ip"], protocol):
                yield f"-A OUTPUT -d {task['_ip']}/32 -p {protocol} --dport {low}:{high} -j ACCEPT"
        # As in a VPC, what is not admitted gets no answer.
        yield f"-A OUTPUT -d {task['_ip']}/32 -j DROP"
