"""AWS::ECS::TaskDefinition and Service: every property through, and no success before the service is steady."""

import json
import os
import secrets
import string
import time
from typing import Any, Optional

from . import ecs_api, ecs_scheduler, task_definitions

# AWS gives up after three hours; nobody waits that long at a desk.
_STABLE_SECONDS = float(os.environ.get("CDK_VAST_LOCAL_AWS_STABILIZE_SECONDS") or 600)
_SERVICE = "AWS::ECS::Service"
_TASK_DEFINITION = "AWS::ECS::TaskDefinition"
_IMMUTABLE = {"cluster", "serviceName", "launchType", "schedulingStrategy", "role", "deploymentController", "tags"}
# Maps whose keys are the user's own words.
_OPAQUE = {"options", "dockerLabels"}
_RENAMED = {"eFSVolumeConfiguration": "efsVolumeConfiguration", "filesystemId": "fileSystemId", "iAM": "iam"}
_NUMBERS = {"desiredCount", "maximumPercent", "minimumHealthyPercent", "interval", "timeout", "retries", "startPeriod",
            "stopTimeout", "sizeInGiB", "healthCheckGracePeriodSeconds", "containerPort", "hostPort"}


def install() -> None:
    from ministack.services.cloudformation import provisioners
    provisioners._RESOURCE_HANDLERS[_TASK_DEFINITION] = {
        "create": _create_task_definition, "update": _update_task_definition, "update_with_logical_id": True,
        "delete": provisioners._ecs_task_def_delete,
    }
    provisioners._RESOURCE_HANDLERS[_SERVICE] = {
        "create": _create_service, "update": _update_service, "delete": _delete_service,
    }
    provisioners._REPLACING_PROPERTIES[_SERVICE] = (
        "ServiceName", "Cluster", "LaunchType", "SchedulingStrategy", "Role")


def to_api(value: Any, key: str = "") -> Any:
    """CloudFormation's names and types as the ECS API has them."""
    if isinstance(value, list):
        return [to_api(item) for item in value]
    if isinstance(value, dict):
        if key in _OPAQUE:
            return dict(value)
        converted = {}
        for name, member in value.items():
            camel = name[:1].lower() + name[1:]
            camel = _RENAMED.get(camel, camel)
            converted[camel] = to_api(member, camel)
        return converted
    if isinstance(value, str):
        if value.lower() in ("true", "false") and key in ("enable", "rollback", "readOnly", "essential",
                                                          "enableExecuteCommand", "initProcessEnabled"):
            return value.lower() == "true"
        if key in _NUMBERS and value.isdigit():
            return int(value)
    return value


def _answer(response: Any, what: str) -> dict:
    status, _, body = response
    answer = json.loads(body) if body else {}
    if status >= 400:
        raise ValueError(f"{what}: {answer.get('message') or answer.get('Message') or answer}")
    return answer


# --- task definitions --------------------------------------------------------------------

def _create_task_definition(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.services import ecs
    request = to_api(props)
    request.setdefault("family", f"{stack_name}-{logical_id}")
    for problem in task_definitions.problems_of(request):
        raise ValueError(problem)
    arn = _answer(ecs._register_task_definition(request), "the task definition was refused")[
        "taskDefinition"]["taskDefinitionArn"]
    return arn, {"TaskDefinitionArn": arn}


def _update_task_definition(physical_id: str, old: dict, new: dict, stack_name: str,
                            logical_id: Optional[str] = None) -> tuple[str, dict]:
    from ministack.services import ecs
    if {k: v for k, v in old.items() if k != "Tags"} == {k: v for k, v in new.items() if k != "Tags"}:
        ecs._tags[physical_id] = to_api(new.get("Tags") or [])
        return physical_id, {"TaskDefinitionArn": physical_id}
    return _create_task_definition(logical_id or physical_id, new, stack_name)


# --- services ----------------------------------------------------------------------------

def _attributes(service: dict) -> tuple[str, dict]:
    return service["serviceArn"], {"Name": service["serviceName"], "ServiceArn": service["serviceArn"]}


def _create_service(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    request = to_api(props)
    # A generated name differs each time, so that a replacement can live beside its predecessor.
    suffix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(12))
    request.setdefault("serviceName", f"{stack_name}-{logical_id}-{suffix}")
    _answer(ecs_api.create_service(request), "the service was refused")
    service = _find(request["cluster"] if "cluster" in request else "default", request["serviceName"])
    try:
        _wait_until_stable(service, ecs_scheduler.primary(service)["id"])
    except ValueError:
        # CloudFormation removes what it failed to create; MiniStack never learns of it.
        _delete_service(service["serviceArn"], props)
        raise
    return _attributes(service)


def _update_service(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.services import ecs
    request = {"cluster": new.get("Cluster") or "default", "service": physical_id}
    before, after = to_api(old), to_api(new)
    # CloudFormation sends all that the template says, also what somebody else has changed meanwhile
    # (a desired count in the template wins); what it leaves out stays as it is.
    request.update({name: value for name, value in after.items() if name not in _IMMUTABLE})
    if before.get("enableExecuteCommand") and "enableExecuteCommand" not in after:
        request["enableExecuteCommand"] = False
    _answer(ecs_api.update_service(request), "the update of the service was refused")
    service = _find(request["cluster"], physical_id)
    service["tags"] = after.get("tags") or []
    ecs._tags[physical_id] = list(service["tags"])
    _wait_until_stable(service, ecs_scheduler.primary(service)["id"])
    return _attributes(service)


def _delete_service(physical_id: str, props: dict) -> None:
    cluster = props.get("Cluster") or "default"
    service = ecs_api.find_service({"cluster": cluster, "service": physical_id})
    if not service or service["status"] == "INACTIVE":
        return
    _answer(ecs_api.delete_service({"cluster": cluster, "service": physical_id, "force": True}),
            "the service could not be deleted")
    while service["status"] != "INACTIVE":
        ecs_scheduler.wait_for_change(1)


def _find(cluster: str, reference: str) -> dict:
    service = ecs_api.find_service({"cluster": cluster, "service": reference})
    assert service, reference
    return service


def _wait_until_stable(service: dict, deployment_id: str) -> None:
    deadline = time.monotonic() + _STABLE_SECONDS
    while True:
        with ecs_scheduler.lock:
            ours = next((d for d in service["deployments"] if d["id"] == deployment_id), None)
            failed = ours is not None and ours["rolloutState"] == "FAILED"
            reason = (ours or {}).get("_last_failure", "no task has ended yet")
            if not failed and service.get("_steady"):
                return
            if ours is None:
                raise ValueError("the deployment was replaced by another one before it was complete")
        if failed:
            raise ValueError("Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'. "
                             f"The last task ended with: {reason}")
        if time.monotonic() > deadline:
            raise ValueError(f"the service was not steady within {_STABLE_SECONDS:.0f} s (AWS waits three hours). "
                             f"The last task ended with: {reason}")
        ecs_scheduler.wait_for_change(0.5)
