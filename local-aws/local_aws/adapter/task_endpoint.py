"""The way from a task to this AWS: its endpoint on the task's own loopback interface, and the role's credentials."""

import logging
import time
from typing import Optional

from . import loopback_listener, network_namespaces
from .loopback_listener import LoopbackListener

logger = logging.getLogger("local-aws")

CREDENTIALS = "/_cdk_vast/task-credentials"
_VALID_SECONDS = 6 * 3600
# On an EC2 instance, the metadata service would give containers the credentials of the instance.
_NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


def endpoint() -> dict[str, str]:
    """The variables that point AWS tools in a container to this emulator, and to nothing else."""
    # By number: S3 is then asked by path, for no name server knows a bucket's name below localhost.
    url = f"http://127.0.0.1:{loopback_listener.emulator_port()}"
    return {"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_S3": url, **_NO_METADATA}


def environment(task_definition: dict) -> dict[str, str]:
    """The variables for the AWS tools in a container of a task; no endpoint where no namespace can be entered."""
    if network_namespaces.why_not():
        return _NO_METADATA
    given = endpoint()
    if task_definition.get("taskRoleArn"):
        # ECS has the tools fetch the role's credentials, too, though from a link-local address.
        role = task_definition["taskRoleArn"]
        given["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{given['AWS_ENDPOINT_URL']}{CREDENTIALS}?role={role}"
    return given


def open_in(pid: int, container_id: str) -> Optional[LoopbackListener]:
    """Listens in a container's namespace from now on."""
    port = loopback_listener.emulator_port()
    try:
        listener = network_namespaces.inside(pid, (container_id,), lambda: network_namespaces.listen(port))
    except (network_namespaces.CannotEnter, OSError) as error:
        # A task that has ended already, or a machine whose README says that tasks cannot reach their AWS.
        logger.info("the container %s has no AWS endpoint: %s", container_id[:12], error)
        return None
    return LoopbackListener(listener, loopback_listener.relay_to_emulator, f"endpoint of {container_id[:12]}")


def credentials(role: str) -> dict[str, str]:
    account = role.split(":")[4] if role.count(":") >= 5 else "000000000000"
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + _VALID_SECONDS))
    return {"RoleArn": role, "AccessKeyId": account, "SecretAccessKey": "local", "Token": "local",
            "Expiration": until}
