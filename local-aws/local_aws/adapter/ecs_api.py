"""The ECS actions that make tasks and services; MiniStack keeps the records and the rest of the API."""

import time
from typing import Any, Optional

from . import ecs_scheduler, exec_agent
from .patching import replace

_CONFIGURATION_DEFAULTS = {
    "maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING",
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
}
# Changes of these begin a new deployment; others take effect with the next task.
_DEPLOYED = ("networkConfiguration", "platformVersion", "serviceRegistries")
_KEPT = ("enableExecuteCommand", "healthCheckGracePeriodSeconds", "availabilityZoneRebalancing",
         "propagateTags", "enableECSManagedTags")
_NOT_SIMULATED = ("loadBalancers", "serviceConnectConfiguration", "volumeConfigurations",
                  "capacityProviderStrategy", "placementConstraints", "placementStrategy", "vpcLatticeConfigurations")


def install() -> None:
    from ministack.services import ecs
    for name, action in (("_create_service", create_service), ("_update_service", update_service),
                         ("_delete_service", delete_service), ("_run_task", run_task), ("_stop_task", stop_task),
                         ("_refresh_service_state", lambda cluster, group: None)):
        replace(ecs, name, action)
    ecs_scheduler.start()


def _error(code: str, message: str) -> Any:
    from ministack.services import ecs
    return ecs.error_response_json(code, message, 400)


def _cluster(data: dict) -> Optional[dict]:
    from ministack.services import ecs
    name = ecs._resolve_cluster_name(data.get("cluster") or "default")
    return ecs._clusters.get(name) if name else None


def _task_definition(reference: str) -> Optional[dict]:
    from ministack.services import ecs
    found = ecs._task_defs.get(ecs._resolve_td_key(reference or ""))
    return found if found and found.get("status") == "ACTIVE" else None


def _refusal(data: dict) -> Optional[str]:
    for name in _NOT_SIMULATED:
        if data.get(name):
            return f"{name} is not simulated by the local AWS; leave it out, or deploy to AWS"
    if data.get("launchType", "FARGATE") != "FARGATE":
        return f"launchType is {data['launchType']!r}; the local AWS has FARGATE only"
    if not _subnets(data):
        return "Network Configuration must be provided when networkMode 'awsvpc' is specified."
    return None


def _subnets(data: dict) -> list[str]:
    configuration = (data.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    return [s for s in configuration.get("subnets") or [] if isinstance(s, str)]


def override_refusal(definition: dict, overrides: dict) -> Optional[str]:
    """What is wrong with the overrides of a task, or not simulated here."""
    containers = {c["name"] for c in definition["containerDefinitions"]}
    given = [(f"overrides.{name}", value) for name, value in overrides.items() if name != "containerOverrides"]
    for override in overrides.get("containerOverrides") or []:
        if override.get("name") not in containers:
            return f"Override for container named {override.get('name')} is not a container in the TaskDefinition."
        given += [(f"overrides.containerOverrides.{name}", value) for name, value in override.items()
                  if name not in ("name", "command", "environment")]
    ignored = next((name for name, value in given if value not in (None, "", [], {})), None)
    return ignored and f"{ignored} is not simulated by the local AWS; leave it out, or deploy to AWS"


# --- tasks -------------------------------------------------------------------------------

def _new_task(cluster: dict, definition: dict, data: dict, **more: Any) -> dict:
    from ministack.core.responses import get_account_id, get_region, new_uuid, now_iso
    from ministack.services import ecs
    region, account = get_region(), get_account_id()
    task_id = new_uuid().replace("-", "")
    arn = f"arn:aws:ecs:{region}:{account}:task/{cluster['clusterName']}/{task_id}"
    platform = data.get("platformVersion") or "LATEST"
    task = {
        "taskArn": arn, "clusterArn": cluster["clusterArn"], "taskDefinitionArn": definition["taskDefinitionArn"],
        "overrides": data.get("overrides") or {"containerOverrides": []},
        "lastStatus": "PROVISIONING", "desiredStatus": "RUNNING", "launchType": "FARGATE",
        "cpu": str(definition.get("cpu", "")), "memory": str(definition.get("memory", "")),
        "platformVersion": "1.4.0" if platform == "LATEST" else platform, "platformFamily": "Linux",
        "createdAt": now_iso(), "group": data.get("group") or f"family:{definition['family']}",
        "startedBy": data.get("startedBy"), "version": 1, "attachments": [],
        "enableExecuteCommand": bool(data.get("enableExecuteCommand")), "tags": data.get("tags") or [],
        "healthStatus": "UNKNOWN", "ephemeralStorage": definition.get("ephemeralStorage") or {"sizeInGiB": 20},
        "containers": [{
            "containerArn": f"arn:aws:ecs:{region}:{account}:container/{cluster['clusterName']}/{task_id}/{new_uuid()}",
            "taskArn": arn, "name": c["name"], "image": c["image"], "lastStatus": "PENDING", "healthStatus": "UNKNOWN",
            "networkBindings": [], "networkInterfaces": [], "cpu": str(c.get("cpu", 0)),
            "managedAgents": exec_agent.described() if data.get("enableExecuteCommand") else None,
        } for c in definition["containerDefinitions"]],
        "_subnet": _subnets(data)[0],
        "_security_groups": data["networkConfiguration"]["awsvpcConfiguration"].get("securityGroups") or [],
        "_created": time.time(),
        "_health_checked": any(c.get("healthCheck") for c in definition["containerDefinitions"]),
        **more,
    }
    ecs._tasks[arn] = task
    if task["tags"]:
        ecs._tags[arn] = list(task["tags"])
    return task


def run_task(data: dict) -> Any:
    from ministack.core.responses import get_account_id, get_region, json_response
    from ministack.services import ecs
    cluster = _cluster(data)
    if not cluster:
        return _error("ClusterNotFoundException", "Cluster not found.")
    definition = _task_definition(data.get("taskDefinition", ""))
    if not definition:
        return _error("ClientException", "TaskDefinition not found.")
    refusal = _refusal(data) or override_refusal(definition, data.get("overrides") or {})
    if refusal:
        return _error("InvalidParameterException", refusal)
    tasks = [_new_task(cluster, definition, data, _deployment="", _service=None)
             for _ in range(int(data.get("count", 1)))]
    for task in tasks:
        ecs_scheduler.launch(task, definition, [], get_account_id(), get_region())
    return json_response({"tasks": [ecs._sanitize(t) for t in tasks], "failures": []})


def start_service_task(service: dict, deployment: dict) -> dict:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import ecs
    definition = ecs._task_defs[ecs._resolve_td_key(deployment["taskDefinition"])]
    cluster = ecs._clusters[service["clusterArn"].rsplit("/", 1)[-1]]
    task = _new_task(cluster, definition, {
        "group": f"service:{service['serviceName']}", "startedBy": deployment["id"],
        "networkConfiguration": deployment["networkConfiguration"],
        "platformVersion": service.get("platformVersion"),
        "enableExecuteCommand": service["enableExecuteCommand"],
        "tags": service["tags"] if service.get("propagateTags") == "SERVICE" else [],
    }, _deployment=deployment["id"], _service=service)
    ecs_scheduler.launch(task, definition, service["serviceRegistries"], get_account_id(), get_region())
    return task


def stop_task(data: dict) -> Any:
    from ministack.core.responses import json_response
    from ministack.services import ecs
    cluster = _cluster(data)
    if not cluster:
        return _error("ClusterNotFoundException", "Cluster not found.")
    task = ecs._resolve_task(data.get("task", ""), cluster["clusterName"])
    if not task:
        return _error("InvalidParameterException", "The referenced task was not found.")
    ecs_scheduler.stop_task(task, data.get("reason") or "Task stopped by user", "UserInitiated")
    return json_response({"task": ecs._sanitize(task)})


# --- services ----------------------------------------------------------------------------

def new_deployment(service: dict, task_definition: str, network: dict) -> dict:
    from ministack.core.responses import new_uuid, now_iso
    now = now_iso()
    return {
        "id": f"ecs-svc/{int(new_uuid().replace('-', '')[:16], 16):019d}", "status": "PRIMARY",
        "taskDefinition": task_definition, "desiredCount": service["desiredCount"],
        "runningCount": 0, "pendingCount": 0, "failedTasks": 0, "launchType": "FARGATE",
        "platformVersion": service.get("platformVersion") or "LATEST", "platformFamily": "Linux",
        "networkConfiguration": network, "createdAt": now, "updatedAt": now,
        "rolloutState": "IN_PROGRESS", "rolloutStateReason": "ECS deployment in progress.",
        "_not_before": 0.0, "_failed_starts": 0,
    }


def create_service(data: dict) -> Any:
    from ministack.core.responses import get_account_id, get_region, json_response, now_iso
    from ministack.services import ecs
    cluster = _cluster(data)
    if not cluster:
        return _error("ClusterNotFoundException", "Cluster not found.")
    name = data.get("serviceName")
    definition = _task_definition(data.get("taskDefinition", ""))
    refusal = _refusal(data) or (None if name else "serviceName is required") \
        or (None if definition else "Unable to find the task definition.")
    if refusal:
        return _error("InvalidParameterException", refusal)
    assert definition
    key = f"{cluster['clusterName']}/{name}"
    with ecs_scheduler.lock:
        if key in ecs._services and ecs._services[key]["status"] != "INACTIVE":
            return _error("InvalidParameterException", "Creation of service was not idempotent.")
        desired = data.get("desiredCount")
        service: dict[str, Any] = {
            "serviceArn": f"arn:aws:ecs:{get_region()}:{get_account_id()}:service/{key}", "serviceName": name,
            "clusterArn": cluster["clusterArn"], "taskDefinition": definition["taskDefinitionArn"],
            "desiredCount": 1 if desired is None else int(desired), "runningCount": 0, "pendingCount": 0,
            "status": "ACTIVE", "launchType": "FARGATE",
            "platformVersion": data.get("platformVersion") or "LATEST", "platformFamily": "Linux",
            "networkConfiguration": data["networkConfiguration"], "loadBalancers": [],
            "serviceRegistries": data.get("serviceRegistries") or [],
            "healthCheckGracePeriodSeconds": data.get("healthCheckGracePeriodSeconds"),
            "schedulingStrategy": data.get("schedulingStrategy") or "REPLICA",
            "deploymentController": data.get("deploymentController") or {"type": "ECS"},
            "deploymentConfiguration": {**_CONFIGURATION_DEFAULTS, **(data.get("deploymentConfiguration") or {})},
            "availabilityZoneRebalancing": data.get("availabilityZoneRebalancing") or "DISABLED",
            "events": [], "createdAt": now_iso(), "createdBy": f"arn:aws:iam::{get_account_id()}:root",
            "enableECSManagedTags": bool(data.get("enableECSManagedTags")),
            "propagateTags": data.get("propagateTags") or "NONE",
            "enableExecuteCommand": bool(data.get("enableExecuteCommand")), "tags": data.get("tags") or [],
            "deployments": [],
        }
        service["deployments"] = [new_deployment(service, service["taskDefinition"], service["networkConfiguration"])]
        ecs._services[key] = service
        if service["tags"]:
            ecs._tags[service["serviceArn"]] = list(service["tags"])
    ecs_scheduler.changed()
    return json_response({"service": ecs._sanitize(service)})


def find_service(data: dict) -> Optional[dict]:
    from ministack.services import ecs
    cluster, reference = _cluster(data), ecs._resolve_service_ref(data.get("service", ""))
    if not cluster or not reference or reference[1] not in (None, cluster["clusterName"]):
        return None
    return ecs._services.get(f"{cluster['clusterName']}/{reference[0]}")


def update_service(data: dict) -> Any:
    from ministack.core.responses import json_response, now_iso
    from ministack.services import ecs
    if not _cluster(data):
        return _error("ClusterNotFoundException", "Cluster not found.")
    service = find_service(data)
    if not service:
        return _error("ServiceNotFoundException", "Service not found.")
    if service["status"] != "ACTIVE":
        return _error("ServiceNotActiveException", "Service was not ACTIVE.")
    refusal = _refusal({"networkConfiguration": service["networkConfiguration"], **data})
    definition = _task_definition(data["taskDefinition"]) if data.get("taskDefinition") else None
    if data.get("taskDefinition") and not definition:
        refusal = "Unable to find the task definition."
    if refusal:
        return _error("InvalidParameterException", refusal)
    with ecs_scheduler.lock:
        if data.get("desiredCount") is not None:
            service["desiredCount"] = int(data["desiredCount"])
        for name in _KEPT:
            if data.get(name) is not None:
                service[name] = data[name]
        if data.get("deploymentConfiguration"):
            service["deploymentConfiguration"] = {**service["deploymentConfiguration"],
                                                  **data["deploymentConfiguration"]}
        anew = bool(data.get("forceNewDeployment"))
        if definition and definition["taskDefinitionArn"] != service["taskDefinition"]:
            service["taskDefinition"], anew = definition["taskDefinitionArn"], True
        for name in _DEPLOYED:
            if data.get(name) is not None and data[name] != service[name]:
                service[name], anew = data[name], True
        current = ecs_scheduler.primary(service)
        if anew or (current["rolloutState"] == "FAILED" and definition):
            current["status"] = "ACTIVE"
            service["deployments"].insert(
                0, new_deployment(service, service["taskDefinition"], service["networkConfiguration"]))
        elif current["rolloutState"] != "FAILED":
            current.update(desiredCount=service["desiredCount"], updatedAt=now_iso())
            # A new desired count is a new chance: the throttle of failed starts does not outlive it.
            current.update(_not_before=0.0, _failed_starts=0)
        service["_steady"] = False
        answer = json_response({"service": ecs._sanitize(service)})
    ecs_scheduler.changed()
    return answer


def delete_service(data: dict) -> Any:
    from ministack.core.responses import json_response
    from ministack.services import ecs
    if not _cluster(data):
        return _error("ClusterNotFoundException", "Cluster not found.")
    service = find_service(data)
    if not service or service["status"] == "INACTIVE":
        return _error("ServiceNotFoundException", "Service not found.")
    if not data.get("force") and service["desiredCount"] > 0:
        return _error("InvalidParameterException",
                      "The service cannot be stopped while it is scaled above 0.")
    with ecs_scheduler.lock:
        service["status"], service["desiredCount"] = "DRAINING", 0
        answer = json_response({"service": ecs._sanitize(service)})
    ecs_scheduler.changed()
    return answer

