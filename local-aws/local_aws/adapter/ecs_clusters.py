"""A cluster that is in use cannot be deleted, as ECS has it."""

from typing import Any

from .patching import replace


def install() -> None:
    from ministack.services import ecs
    from ministack.services.cloudformation import provisioners

    def delete_cluster(data: dict) -> Any:
        name = ecs._resolve_cluster_name(data.get("cluster") or "default")
        arn = (ecs._clusters.get(name) or {}).get("clusterArn")
        if arn and any(s["clusterArn"] == arn and s["status"] != "INACTIVE" for s in ecs._services.values()):
            return ecs.error_response_json(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.", 400)
        if arn and any(t["clusterArn"] == arn and t["lastStatus"] != "STOPPED" for t in ecs._tasks.values()):
            return ecs.error_response_json(
                "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.", 400)
        return deleting(data)

    deleting = replace(ecs, "_delete_cluster", delete_cluster)

    def delete_resource(physical_id: str, props: dict) -> None:
        status, _, body = ecs._delete_cluster({"cluster": physical_id})
        if status >= 400 and b"ClusterNotFoundException" not in _bytes(body):
            raise ValueError(_bytes(body).decode())

    provisioners._RESOURCE_HANDLERS["AWS::ECS::Cluster"] = {
        **provisioners._RESOURCE_HANDLERS["AWS::ECS::Cluster"], "delete": delete_resource,
    }


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()
