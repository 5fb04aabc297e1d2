"""From a function's configuration to the container that Docker makes of it."""

from typing import Any

from docker.types import LogConfig

from ..labels import FUNCTION, FUNCTION_VERSION
from . import engine, runtime_api, task_endpoint
from .function_version import FunctionVersion

_MIB = 1024 * 1024
# Lambda's own choice, which no image knows: files must be readable for everybody.
_USER = "993:990"
_PROCESSES = 1024
# So many MB of memory are worth one processor.
_MB_OF_ONE_PROCESSOR = 1769
_PERIOD = 100_000


def settings(function: FunctionVersion, name: str, sandbox: str, log_group: str, log_stream: str) -> dict[str, Any]:
    """The arguments of docker-py's `containers.create`."""
    image = function.image_config
    ephemeral = int((function.config.get("EphemeralStorage") or {}).get("Size") or 512)
    return {
        "image": function.image,
        "name": name,
        "entrypoint": image.get("EntryPoint") or None,
        "command": image.get("Command") or None,
        "working_dir": image.get("WorkingDirectory") or None,
        "user": _USER,
        "environment": _environment(function, log_group, log_stream),
        "labels": engine.labels(**{FUNCTION: function.name, FUNCTION_VERSION: function.version}),
        # Lambda's runtime is never process 1, which signals cannot kill and orphans fall to.
        "init": True,
        "network_mode": f"container:{sandbox}",
        "read_only": True,
        "tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,size={ephemeral}m,mode=1777"},
        # Without shared memory Docker mounts no /dev/shm, and Lambda has none.
        "ipc_mode": "none",
        # No swap: a function that outgrows its memory dies.
        "mem_limit": function.memory * _MIB,
        "memswap_limit": function.memory * _MIB,
        "pids_limit": _PROCESSES,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "healthcheck": {"test": ["NONE"]},
        "log_config": LogConfig(type="json-file", config={"max-size": "1m"}),
        "detach": True,
    }


def processor_share(function: FunctionVersion) -> dict[str, int]:
    """The share of the processors that goes with the memory; while it starts, a function has them whole."""
    share = min(function.memory / _MB_OF_ONE_PROCESSOR, engine.processors())
    return {"cpu_period": _PERIOD, "cpu_quota": max(1000, int(share * _PERIOD))}


def _environment(function: FunctionVersion, log_group: str, log_stream: str) -> dict[str, str]:
    ours = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_api.PORT}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        # The access key names the account, as it does outside; Lambda's are temporary ones, with a token.
        "AWS_ACCESS_KEY_ID": function.account,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
    }
    defaults = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        # What a real function does not have: the way to this AWS. By number, so that S3 is asked by path.
        **task_endpoint.endpoint(),
    }
    image = engine.client().api.inspect_image(function.image)["Config"]
    of_image = dict(pair.split("=", 1) for pair in image.get("Env") or [] if "=" in pair)
    command = function.image_config.get("Command") or image.get("Cmd")
    if command:
        ours["_HANDLER"] = command[0]
    return {**defaults, **of_image, **function.environment, **ours}
