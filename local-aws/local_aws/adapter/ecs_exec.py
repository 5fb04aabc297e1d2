"""ECS Exec: ExecuteCommand, and what Session Manager has to do with its sessions."""

import asyncio
import json
import os
from typing import Any, Optional

from . import ecs_scheduler, exec_agent
from .exec_gateway import NoGateway, gateway
from .patching import replace

_DISABLED = (
    "The execute command failed because execute command was not enabled when the task was run or the execute command "
    "agent isn't running. Wait and try again or run a new task with execute command enabled and try again.")


class Refused(Exception):
    """A request that AWS refuses, with the name of its error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def install() -> None:
    from ministack.services import ecs, ssm

    def execute_command(data: dict) -> Any:
        try:
            return ecs.json_response(execute(data))
        except Refused as refusal:
            return ecs.error_response_json(refusal.code, str(refusal), 400)
        except NoGateway as reason:
            return ecs.error_response_json("ServerException", str(reason), 500)

    async def session_manager(method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Any:
        action = _SESSION_ACTIONS.get(headers.get("x-amz-target", ""))
        if action is None:
            return await parameter_store(method, path, headers, body, query_params)
        try:
            return ecs.json_response(await asyncio.to_thread(action, str(json.loads(body).get("SessionId", ""))))
        except Refused as refusal:
            return ecs.error_response_json(refusal.code, str(refusal), 400)
        except NoGateway as reason:
            return ecs.error_response_json("InternalServerError", str(reason), 500)

    replace(ecs, "_execute_command", execute_command)
    parameter_store = replace(ssm, "handle_request", session_manager)


def execute(data: dict) -> dict:
    """ExecuteCommand."""
    cluster = _cluster(data)
    task = _task(data, cluster)
    container = _container(data, task)
    if data.get("interactive") is not True:
        raise Refused("InvalidParameterException", "ECS has interactive sessions only: interactive must be true.")
    if not data.get("command"):
        raise Refused("InvalidParameterException", "The command must not be empty.")
    task_id = task["taskArn"].rsplit("/", 1)[-1]
    session = gateway.open({
        "containerId": container["runtimeId"],
        "command": data["command"],
        "target": f"ecs:{cluster['clusterName']}_{task_id}_{container['runtimeId']}",
        "emulator": _emulator(),
        **_configured(cluster, task, container["name"]),
    })
    return {"clusterArn": cluster["clusterArn"], "taskArn": task["taskArn"], "containerArn": container["containerArn"],
            "containerName": container["name"], "interactive": True, "session": session}


# --- what the request means --------------------------------------------------------------

def _cluster(data: dict) -> dict:
    from ministack.services import ecs
    name = ecs._resolve_cluster_name(data.get("cluster") or "default")
    if name is None or name not in ecs._clusters:
        raise Refused("ClusterNotFoundException", "Cluster not found.")
    return ecs._clusters[name]


def _task(data: dict, cluster: dict) -> dict:
    from ministack.services import ecs
    task = ecs._resolve_task(data["task"], cluster["clusterName"]) if data.get("task") else None
    if not task:
        raise Refused("InvalidParameterException", "The referenced task was not found.")
    if not task.get("enableExecuteCommand") or task["lastStatus"] != "RUNNING":
        raise Refused("InvalidParameterException", _DISABLED)
    return task


def _container(data: dict, task: dict) -> dict:
    names = [container["name"] for container in task["containers"]]
    wanted = data.get("container")
    if not wanted and len(names) > 1:
        raise Refused("InvalidParameterException",
                      f"The task has the containers {', '.join(names)}: say which is meant.")
    if wanted and wanted not in names:
        raise Refused("InvalidParameterException",
                      f"The task has no container named {wanted}; it has {', '.join(names)}.")
    container = task["containers"][names.index(wanted) if wanted else 0]
    if exec_agent.of(container).get("lastStatus") != "RUNNING" or not container.get("runtimeId"):
        raise Refused("TargetNotConnectedException",
                      "The execute command failed due to an internal error. Try again later.")
    return container


# --- what the cluster wants --------------------------------------------------------------

def _configured(cluster: dict, task: dict, container: str) -> dict:
    """Encryption and log of the session, in the words of the gateway."""
    configuration = (cluster.get("configuration") or {}).get("executeCommandConfiguration") or {}
    request: dict[str, Any] = {}
    if configuration.get("kmsKeyId"):
        request["kmsKeyId"] = configuration["kmsKeyId"]
    log = _log(configuration, task, container)
    if log:
        request["log"] = log
    return request


def _log(configuration: dict, task: dict, container: str) -> Optional[dict]:
    logging = configuration.get("logging") or "DEFAULT"
    if logging == "NONE":
        return None
    if logging == "DEFAULT":
        # The container's own log group, where it has one.
        run = ecs_scheduler.run_of(task)
        group = run.log_group(container) if run else None
        return {"cloudWatchLogGroup": group} if group else None
    wanted = configuration.get("logConfiguration") or {}
    log = {ours: wanted[theirs] for ours, theirs in (
        ("cloudWatchLogGroup", "cloudWatchLogGroupName"), ("s3Bucket", "s3BucketName"), ("s3KeyPrefix", "s3KeyPrefix"))
        if wanted.get(theirs)}
    return log or None


def _emulator() -> dict[str, str]:
    from ministack.core.responses import get_account_id, get_region
    return {"endpoint": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}", "region": get_region(),
            "accountId": get_account_id()}


# --- Session Manager ---------------------------------------------------------------------

def _resume(session_id: str) -> dict:
    token = gateway.resume(session_id)
    # Session Manager gives no token to a session that is over; its client takes that for the end.
    return {"SessionId": session_id, **({"TokenValue": token, "StreamUrl": gateway.stream_url(session_id)}
                                        if token else {})}


def _terminate(session_id: str) -> dict:
    gateway.terminate(session_id)
    return {"SessionId": session_id}


_SESSION_ACTIONS = {"AmazonSSM.ResumeSession": _resume, "AmazonSSM.TerminateSession": _terminate}
