"""From a container definition to what Docker creates."""

from typing import Any, Optional

from docker.types import Healthcheck, LogConfig, Mount, Ulimit

from ..labels import CLUSTER, CONTAINER_NAME, FAMILY, SERVICE, TASK_ARN
from . import engine, file_system_volumes, task_endpoint, task_user

_SECOND = 1_000_000_000
_MIB = 1024 * 1024


def settings(task: dict, task_definition: dict, definition: dict, override: dict, image: str,
             secrets: dict[str, str], mounts: list[Mount], files_of: Optional[dict]) -> dict[str, Any]:
    """The arguments of docker-py's `containers.create`, network excepted."""
    task_id = task["taskArn"].rsplit("/", 1)[-1]
    linux = definition.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    arguments: dict[str, Any] = {
        "image": image,
        "name": engine.object_name(task_id[:12], definition["name"]),
        "command": override.get("command") or definition.get("command") or None,
        "entrypoint": definition.get("entryPoint") or None,
        "working_dir": definition.get("workingDirectory") or None,
        "user": _user(definition, image, files_of),
        "environment": _environment(task, task_definition, definition, override, secrets),
        "labels": {**(definition.get("dockerLabels") or {}), **_labels(task, task_definition, definition)},
        "mounts": mounts,
        "init": bool(linux.get("initProcessEnabled")),
        "cap_add": capabilities.get("add") or None,
        "cap_drop": capabilities.get("drop") or None,
        "read_only": bool(definition.get("readonlyRootFilesystem")),
        "healthcheck": _health_check(definition.get("healthCheck")),
        "log_config": LogConfig(type="json-file", config={}),
        "ulimits": _ulimits(definition),
        "detach": True,
    }
    memory = definition.get("memory") or task_definition.get("memory")
    if memory:
        # No swap: Fargate has none, and a container that outgrows its memory dies.
        arguments["mem_limit"] = arguments["memswap_limit"] = int(memory) * _MIB
    cpu = task_definition.get("cpu")
    if cpu:
        processors = engine.client().info()["NCPU"]
        arguments["nano_cpus"] = int(min(int(cpu) / 1024, processors) * _SECOND)
    return arguments


def scratch_mount(point: dict) -> Mount:
    """Space that lives as long as the task: an anonymous volume."""
    return Mount(point["containerPath"], None, type="volume", read_only=bool(point.get("readOnly")),
                 labels=engine.labels())


def efs_mount(volume: dict, point: dict, subnet: dict, groups: list[str], image: str) -> Mount:
    return file_system_volumes.mount(volume, point["containerPath"], bool(point.get("readOnly")),
                                     subnet, groups, image)


def _user(definition: dict, image: str, files_of: Optional[dict]) -> Optional[str]:
    """The user to run as.

    On AWS the access point makes every file the POSIX user's, whoever the process is. A local
    volume cannot; so a process that is not root runs as that user, and what it writes is its.
    """
    asked = definition.get("user") or None
    if not files_of:
        return asked
    described = engine.client().api.inspect_image(image)
    user = asked or (described["Config"].get("User") or "")
    ids = task_user.ids(described["Id"], user)
    owner = (int(files_of["Uid"]), int(files_of["Gid"]))
    if ids is None or ids[0] == 0 or ids == owner:
        return asked
    return f"{owner[0]}:{owner[1]}"


def _environment(task: dict, task_definition: dict, definition: dict, override: dict,
                 secrets: dict[str, str]) -> dict[str, str]:
    region = task["taskArn"].split(":")[3]
    pairs = [*(definition.get("environment") or []), *(override.get("environment") or [])]
    return {
        "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        **task_endpoint.environment(task_definition),
        **{pair["name"]: str(pair.get("value", "")) for pair in pairs}, **secrets,
    }


def _labels(task: dict, task_definition: dict, definition: dict) -> dict[str, str]:
    group = task.get("group") or ""
    labels = {
        TASK_ARN: task["taskArn"],
        CONTAINER_NAME: definition["name"],
        FAMILY: task_definition["family"],
        CLUSTER: task["clusterArn"].rsplit("/", 1)[-1],
    }
    if group.startswith("service:"):
        labels[SERVICE] = group.split(":", 1)[1]
    return engine.labels(**labels)


def _health_check(check: Optional[dict]) -> Healthcheck:
    if not check or not check.get("command"):
        # ECS pays no heed to the image's own HEALTHCHECK.
        return Healthcheck(test=["NONE"])
    return Healthcheck(
        test=list(check["command"]),
        interval=int(check.get("interval", 30)) * _SECOND,
        timeout=int(check.get("timeout", 5)) * _SECOND,
        retries=int(check.get("retries", 3)),
        start_period=int(check.get("startPeriod", 0)) * _SECOND,
    )


def _ulimits(definition: dict) -> list[Ulimit]:
    # What is not asked for stays as Docker has it: not every machine lets it be raised to Fargate's values.
    return [Ulimit(name=limit["name"], soft=int(limit["softLimit"]), hard=int(limit["hardLimit"]))
            for limit in definition.get("ulimits") or []]

