"""Cloud Map: a service's running tasks, under their DNS name and in the API."""

import json
from typing import Optional


def _service(registry: dict) -> Optional[dict]:
    from ministack.services import servicediscovery
    service_id = registry["registryArn"].rsplit("/", 1)[-1]
    return servicediscovery._services.get(service_id)


def dns_name(registry: dict) -> Optional[str]:
    """The name that the containers of the VPC resolve; None when the service has no DNS records."""
    from ministack.services import servicediscovery
    service = _service(registry)
    namespace = servicediscovery._namespaces.get(service["NamespaceId"]) if service else None
    if not service or not namespace or namespace.get("Type") != "DNS_PRIVATE":
        return None
    return f"{service['Name']}.{namespace['Name']}"


def register(registry: dict, task: dict, task_definition: dict, region: str) -> Optional[str]:
    """Registers a task; returns the service's id."""
    from ministack.services import servicediscovery
    service = _service(registry)
    if not service:
        return None
    group = task.get("group") or ""
    attributes = {
        "AWS_INSTANCE_IPV4": task["_ip"],
        "AWS_INIT_HEALTH_STATUS": "HEALTHY",
        "AVAILABILITY_ZONE": task["availabilityZone"],
        "REGION": region,
        "ECS_CLUSTER_NAME": task["clusterArn"].rsplit("/", 1)[-1],
        "ECS_SERVICE_NAME": group.split(":", 1)[-1],
        "ECS_TASK_DEFINITION_FAMILY": task_definition["family"],
    }
    status, _, body = servicediscovery._register_instance({
        "ServiceId": service["Id"], "InstanceId": _instance_id(task), "Attributes": attributes})
    if status >= 400:
        raise RuntimeError(json.loads(body).get("message", "Cloud Map refused the task"))
    return str(service["Id"])


def deregister(service_id: Optional[str], task_id: str) -> None:
    from ministack.services import servicediscovery
    if service_id:
        servicediscovery._deregister_instance({"ServiceId": service_id, "InstanceId": task_id})


def _instance_id(task: dict) -> str:
    return str(task["taskArn"].rsplit("/", 1)[-1])
