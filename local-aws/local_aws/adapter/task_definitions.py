"""What a task definition may say here; anything else is refused by name, never ignored."""

from typing import Any, Iterator

from .patching import replace

_TASK = {
    "family", "containerDefinitions", "volumes", "networkMode", "requiresCompatibilities", "cpu", "memory",
    "executionRoleArn", "taskRoleArn", "runtimePlatform", "ephemeralStorage", "tags",
}
_CONTAINER = {
    "name", "image", "cpu", "memory", "memoryReservation", "essential", "entryPoint", "command", "environment",
    "secrets", "workingDirectory", "user", "mountPoints", "portMappings", "healthCheck", "linuxParameters",
    "stopTimeout", "logConfiguration", "readonlyRootFilesystem", "ulimits", "dockerLabels", "versionConsistency",
}
_LINUX = {"initProcessEnabled", "capabilities"}
_VOLUME = {"name", "efsVolumeConfiguration"}
_EFS = {"fileSystemId", "rootDirectory", "transitEncryption", "transitEncryptionPort", "authorizationConfig"}
_LOG_OPTIONS = {"awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group", "mode",
                "max-buffer-size"}


def install() -> None:
    from ministack.services import ecs

    def register(data: dict) -> Any:
        problems = list(problems_of(data))
        if problems:
            return ecs.error_response_json("ClientException", problems[0], 400)
        return registering(data)

    registering = replace(ecs, "_register_task_definition", register)


def problems_of(definition: dict) -> Iterator[str]:
    """Sentences about what AWS would refuse, or this local AWS cannot do."""
    yield from _unknown("task definition", definition, _TASK)
    if definition.get("networkMode", "awsvpc") != "awsvpc":
        yield f"networkMode is {definition['networkMode']!r}; the local AWS runs awsvpc tasks only"
    for volume in definition.get("volumes") or []:
        what = f"volume {volume.get('name')!r}"
        yield from _unknown(what, volume, _VOLUME)
        efs = volume.get("efsVolumeConfiguration")
        if not efs:
            # A volume without a configuration is scratch space that lives as long as the task.
            continue
        yield from _unknown(f"the EFS configuration of {what}", efs, _EFS)
        authorization = efs.get("authorizationConfig") or {}
        if authorization and efs.get("transitEncryption") != "ENABLED":
            yield f"{what}: EFS authorization needs transitEncryption ENABLED"
        if authorization.get("accessPointId") and efs.get("rootDirectory") not in (None, "", "/"):
            yield f"{what}: with an access point, rootDirectory must be left out or be '/'"
    names = {v.get("name") for v in definition.get("volumes") or []}
    for container in definition.get("containerDefinitions") or []:
        yield from _container_problems(container, names)


def _container_problems(container: dict, volumes: set) -> Iterator[str]:
    what = f"container {container.get('name')!r}"
    yield from _unknown(what, container, _CONTAINER)
    yield from _unknown(f"linuxParameters of {what}", container.get("linuxParameters") or {}, _LINUX)
    added = ((container.get("linuxParameters") or {}).get("capabilities") or {}).get("add") or []
    # Other capabilities allow an escape from the container, and Fargate refuses them.
    if set(added) - {"SYS_PTRACE"}:
        yield f"linuxParameters of {what} add {', '.join(sorted(added))}; Fargate adds SYS_PTRACE only"
    for point in container.get("mountPoints") or []:
        if point.get("sourceVolume") not in volumes:
            yield f"{what} mounts {point.get('sourceVolume')!r}, which is not a volume of the task definition"
    log = container.get("logConfiguration") or {}
    if log and log.get("logDriver") != "awslogs":
        yield f"{what} logs with {log.get('logDriver')!r}; the local AWS has awslogs only"
    elif log:
        yield from _unknown(f"the log options of {what}", log.get("options") or {}, _LOG_OPTIONS)
        if "awslogs-group" not in (log.get("options") or {}):
            yield f"{what}: awslogs needs the option awslogs-group"
    timeout = container.get("stopTimeout")
    if timeout is not None and not 2 <= int(timeout) <= 120:
        yield f"{what}: stopTimeout is {timeout}; Fargate takes 2 to 120 seconds"


def _unknown(what: str, given: dict, known: set) -> Iterator[str]:
    for name, value in given.items():
        # Tools send empty lists and nulls for what they do not use.
        if name not in known and value not in (None, "", [], {}, False):
            yield f"{what} has {name!r}, which the local AWS does not simulate; remove it, or deploy to AWS"
