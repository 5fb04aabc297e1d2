"""The agent that ECS puts into the containers of a task with ECS Exec, as far as a description shows it."""

import os
import time

NAME = "ExecuteCommandAgent"

# How long a container runs before its agent does.
_SECONDS = float(os.environ.get("CDK_VAST_LOCAL_AWS_EXEC_AGENT_SECONDS") or 1)


def described() -> list[dict]:
    """As it is before the container has started."""
    return [{"name": NAME, "lastStatus": "PENDING"}]


def of(container: dict) -> dict:
    return next((agent for agent in container.get("managedAgents") or [] if agent["name"] == NAME), {})


def look_after(task: dict, definitions: list[dict]) -> bool:
    """Lets agents start whose time has come; says whether anything is different now."""
    changed = False
    for container, definition in zip(task["containers"], definitions):
        agent = of(container)
        if agent.get("lastStatus") != "PENDING" or container["lastStatus"] != "RUNNING":
            continue
        if definition.get("readonlyRootFilesystem"):
            agent.update(lastStatus="STOPPED", reason="The agent cannot write into a read-only root file system.")
            changed = True
        elif time.monotonic() >= container.setdefault("_agent_from", time.monotonic() + _SECONDS):
            agent.update(lastStatus="RUNNING", lastStartedAt=round(time.time(), 3))
            changed = True
    return changed


def stop(container: dict) -> None:
    agent = of(container)
    if agent:
        agent["lastStatus"] = "STOPPED"
