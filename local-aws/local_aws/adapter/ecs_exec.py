"""ECS Exec: refused honestly until there is a gateway that speaks its protocol."""

from typing import Any

from .patching import replace


def install() -> None:
    from ministack.services import ecs

    def execute_command(data: dict) -> Any:
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        if cluster is None or cluster not in ecs._clusters:
            return ecs.error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
        task = ecs._resolve_task(data.get("task", ""), cluster)
        if not task:
            return ecs.error_response_json("InvalidParameterException", "The referenced task was not found.", 400)
        if not task.get("enableExecuteCommand") or task["lastStatus"] != "RUNNING":
            return ecs.error_response_json(
                "InvalidParameterException",
                "The execute command failed because execute command was not enabled when the task was run or the "
                "execute command agent isn't running. Wait and try again or run a new task with execute command "
                "enabled and try again.", 400)
        return ecs.error_response_json(
            "InvalidParameterException",
            "ExecuteCommand is not implemented in this local AWS; find the container by its label "
            f"cdk-vast.task-arn={task['taskArn']} and use `docker exec`.", 400)

    replace(ecs, "_execute_command", execute_command)
