"""ECS's service scheduler: keeps the desired number of tasks, and rolls deployments out or back.

One thread looks at every service after each change and every half second. It decides under one
lock and never talks to Docker: starting and stopping is done by the tasks' own threads.
"""

import logging
import math
import threading
import time
from typing import Optional

from .task_run import TaskRun

logger = logging.getLogger("local-aws")

_TICK_SECONDS = 0.5
# A task without a health check counts as steady after having run this long.
_STEADY_SECONDS = 1.0
# ECS never throttles a task that has run; a crash loop needs no more than this here.
_RESTART_SECONDS = 1.0
_BACK_OFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0)
# ECS shows a stopped task for about an hour.
_KEEP_STOPPED_SECONDS = 3600

lock = threading.RLock()
_wake = threading.Event()
_runs: dict[str, TaskRun] = {}
_changes = threading.Condition()
_thread: Optional[threading.Thread] = None


def changed() -> None:
    """Tells the scheduler, and whoever waits, that something has happened."""
    _wake.set()
    with _changes:
        _changes.notify_all()


def wait_for_change(seconds: float) -> None:
    with _changes:
        _changes.wait(seconds)


def start() -> None:
    global _thread
    _thread = threading.Thread(target=_loop, daemon=True, name="ecs-scheduler")
    _thread.start()


def run_of(task: dict) -> Optional[TaskRun]:
    return _runs.get(task["taskArn"])


def launch(task: dict, task_definition: dict, registries: list[dict], account: str, region: str) -> None:
    run = TaskRun(task, task_definition, registries, account, region, changed)
    _runs[task["taskArn"]] = run
    run.start()


def stop_task(task: dict, reason: str, code: str) -> None:
    run = run_of(task)
    if run:
        run.stop(reason, code)


def _loop() -> None:
    from ministack.core.responses import request_scope
    from ministack.services import ecs
    while True:
        _wake.wait(_TICK_SECONDS)
        _wake.clear()
        for (account, region, key), service in list(ecs._services.all_items()):
            with request_scope(account, region), lock:
                try:
                    reconcile(service)
                except Exception:
                    logger.exception("service %s", key)
        _forget_stopped()


def _forget_stopped() -> None:
    from ministack.services import ecs
    before = time.time() - _KEEP_STOPPED_SECONDS
    for (account, region, arn), task in list(ecs._tasks.all_items()):
        if task["lastStatus"] == "STOPPED" and task.get("_ended", before) < before:
            ecs._tasks.pop_scoped(account, region, arn, None)
            _runs.pop(arn, None)


# --- tasks of a service ------------------------------------------------------------------

def tasks_of(service: dict) -> list[dict]:
    from ministack.services import ecs
    group = f"service:{service['serviceName']}"
    return [t for t in list(ecs._tasks.values())
            if t.get("group") == group and t.get("clusterArn") == service["clusterArn"]
            and t.get("_service") is service]


def _active(task: dict) -> bool:
    """Whether a task counts: one that was told to stop is neither running nor pending for ECS."""
    return task["desiredStatus"] == "RUNNING" and task["lastStatus"] != "STOPPED"


def _healthy(task: dict) -> bool:
    if task["lastStatus"] != "RUNNING":
        return False
    return not task["_health_checked"] or task["healthStatus"] == "HEALTHY"


def _steady(task: dict) -> bool:
    if not _healthy(task):
        return False
    return task["_health_checked"] or time.monotonic() - _running_since(task) >= _STEADY_SECONDS


def _running_since(task: dict) -> float:
    return float(task.setdefault("_running_since", time.monotonic()))


def primary(service: dict) -> dict:
    return next(d for d in service["deployments"] if d["status"] == "PRIMARY")


# --- reconciliation ----------------------------------------------------------------------

def reconcile(service: dict) -> None:
    if service["status"] == "INACTIVE":
        return
    tasks = tasks_of(service)
    for task in tasks:
        if task["lastStatus"] == "RUNNING":
            _running_since(task)
        _note_end(service, task)
        if _active(task) and task["healthStatus"] == "UNHEALTHY" and not _in_grace(service, task):
            event(service, f"(task {_id(task)}) failed container health checks.")
            task["_failed_health"] = True
            stop_task(task, "Task failed container health checks", "ServiceSchedulerInitiated")
    active = [t for t in tasks if _active(t)]
    if service["status"] == "DRAINING" or service["desiredCount"] == 0:
        _stop_all(service, active)
    else:
        _roll(service, active)
    _count(service, tasks)
    _conclude(service, tasks)


def _in_grace(service: dict, task: dict) -> bool:
    grace = int(service.get("healthCheckGracePeriodSeconds") or 0)
    return time.monotonic() - _running_since(task) < grace


def _stop_all(service: dict, active: list[dict]) -> None:
    for task in active:
        stop_task(task, _scaling_reason(service, task), "ServiceSchedulerInitiated")
    if active:
        event(service, f"has stopped {len(active)} running tasks: {_list(active)}.")


def _roll(service: dict, active: list[dict]) -> None:
    desired = int(service["desiredCount"])
    deployment = primary(service)
    current = [t for t in active if t["_deployment"] == deployment["id"]]
    old = [t for t in active if t["_deployment"] != deployment["id"]]
    configuration = service["deploymentConfiguration"]
    most = max(1, desired * int(configuration["maximumPercent"]) // 100)
    least = math.ceil(desired * int(configuration["minimumHealthyPercent"]) / 100)

    if len(current) > desired:
        _stop_some(service, sorted(current, key=lambda t: t["_created"])[desired:])
    # What runs of older deployments goes as soon as the minimum allows it.
    healthy = sum(1 for t in active if _healthy(t))
    stoppable = []
    for task in old:
        if not _healthy(task) or healthy - 1 >= least:
            healthy -= 1 if _healthy(task) else 0
            stoppable.append(task)
    if len([t for t in current if _steady(t)]) < desired:
        # Not more than the newcomers need room for.
        room_wanted = max(0, desired - len(current) - (most - len(active)))
        stoppable = stoppable[:room_wanted]
    _stop_some(service, stoppable)
    missing = min(desired - len(current), most - (len(active) - len(stoppable)))
    if missing > 0 and deployment["rolloutState"] != "FAILED" and time.monotonic() >= deployment["_not_before"]:
        _start_some(service, deployment, missing)


def _stop_some(service: dict, tasks: list[dict]) -> None:
    for task in tasks:
        stop_task(task, _scaling_reason(service, task), "ServiceSchedulerInitiated")
    if tasks:
        event(service, f"has stopped {len(tasks)} running tasks: {_list(tasks)}.")


def _scaling_reason(service: dict, task: dict) -> str:
    return f"Scaling activity initiated by (deployment {task['_deployment']})"


def _start_some(service: dict, deployment: dict, count: int) -> None:
    from . import ecs_api
    started = [ecs_api.start_service_task(service, deployment) for _ in range(count)]
    event(service, f"has started {count} tasks: {_list(started)}.")


def _note_end(service: dict, task: dict) -> None:
    """Takes note, once, of a task that ended without having been told to."""
    if task["desiredStatus"] != "STOPPED" or task.get("_noted"):
        return
    task["_noted"] = True
    told = task["stopCode"] in ("ServiceSchedulerInitiated", "UserInitiated") and not task.get("_failed_health")
    if told:
        return
    deployment = next((d for d in service["deployments"] if d["id"] == task["_deployment"]), None)
    if deployment is None:
        return
    deployment["_last_failure"] = task["stoppedReason"] + _exits(task)
    if task.get("startedAt"):
        deployment["_not_before"] = time.monotonic() + _RESTART_SECONDS
        # It ran: that is no failure to start, so the throttle begins anew.
        deployment["_failed_starts"] = 0
    else:
        failed = deployment["_failed_starts"] = deployment["_failed_starts"] + 1
        deployment["_not_before"] = time.monotonic() + _BACK_OFF_SECONDS[min(failed, len(_BACK_OFF_SECONDS)) - 1]
        if failed >= 3:
            event(service, "is unable to consistently start tasks successfully. For more information, "
                           "see the Troubleshooting section of the Amazon ECS Developer Guide.")
    if deployment["rolloutState"] == "IN_PROGRESS":
        deployment["failedTasks"] += 1
        _maybe_break(service, deployment)


def _exits(task: dict) -> str:
    """What AWS shows beside the reason (and the last output, which it does not)."""
    ends = [f"{c['name']}: exit code {c['exitCode']}" + (f", last output: {c['_last_output']}" if c.get("_last_output")
                                                         else "")
            for c in task["containers"] if c.get("exitCode") is not None]
    return f" ({'; '.join(ends)})" if ends else ""


def _threshold(service: dict) -> int:
    return min(200, max(3, math.ceil(0.5 * int(service["desiredCount"]))))


def _maybe_break(service: dict, deployment: dict) -> None:
    breaker = service["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
    if not breaker.get("enable") or deployment["failedTasks"] < _threshold(service):
        return
    if deployment is not primary(service):
        return
    deployment["rolloutState"] = "FAILED"
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    deployment["desiredCount"] = 0
    event(service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    back = service.get("_last_completed")
    if breaker.get("rollback") and back and back["id"] != deployment["id"]:
        from . import ecs_api
        deployment["status"] = "ACTIVE"
        fresh = ecs_api.new_deployment(service, back["taskDefinition"], back["networkConfiguration"])
        fresh["rolloutStateReason"] = f"ECS deployment circuit breaker: rolling back to deploymentId {back['id']}."
        service["deployments"].insert(0, fresh)
        service["taskDefinition"] = back["taskDefinition"]
        service["networkConfiguration"] = back["networkConfiguration"]
        event(service, f"(deployment {deployment['id']}) rolling back to deployment {back['id']}.")
    for task in tasks_of(service):
        if _active(task) and task["_deployment"] == deployment["id"]:
            stop_task(task, "Deployment failed: circuit breaker", "ServiceSchedulerInitiated")


def _count(service: dict, tasks: list[dict]) -> None:
    for record in [service, *service["deployments"]]:
        mine = tasks if record is service else [t for t in tasks if t["_deployment"] == record["id"]]
        record["runningCount"] = sum(1 for t in mine if t["lastStatus"] == "RUNNING")
        record["pendingCount"] = sum(1 for t in mine if _active(t) and t["lastStatus"] != "RUNNING")


def _conclude(service: dict, tasks: list[dict]) -> None:
    deployment = primary(service)
    active = [t for t in tasks if _active(t)]
    current = [t for t in active if t["_deployment"] == deployment["id"]]
    wanted = 0 if service["status"] == "DRAINING" else int(service["desiredCount"])
    steady = len(active) == len(current) == wanted and all(_steady(t) for t in current)
    if steady and deployment["rolloutState"] == "IN_PROGRESS":
        deployment["rolloutState"] = "COMPLETED"
        deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} completed."
        deployment["failedTasks"] = 0
        deployment["updatedAt"] = _now()
        service["_last_completed"] = deployment
        event(service, f"(deployment {deployment['id']}) deployment completed.")
    if steady and not service.get("_steady"):
        event(service, "has reached a steady state.")
    service["_steady"] = steady
    # A deployment without tasks is no longer shown, unless it is the newest word or the failure to tell of.
    service["deployments"] = [
        d for d in service["deployments"]
        if d["status"] == "PRIMARY" or d["runningCount"] or d["pendingCount"]
        or (d["rolloutState"] == "FAILED" and deployment["rolloutState"] != "COMPLETED")]
    # As AWS has it: a service is gone while its tasks are still stopping.
    if service["status"] == "DRAINING" and not active:
        service["status"] = "INACTIVE"
        changed()


def event(service: dict, message: str) -> None:
    from ministack.core.responses import new_uuid
    text = f"(service {service['serviceName']}) {message}"
    if service["events"] and service["events"][0]["message"] == text:
        return
    service["events"].insert(0, {"id": new_uuid(), "createdAt": _now(), "message": text})
    del service["events"][100:]


def _id(task: dict) -> str:
    return str(task["taskArn"].rsplit("/", 1)[-1])


def _list(tasks: list[dict]) -> str:
    return ", ".join(f"(task {_id(t)})" for t in tasks)


def _now() -> str:
    from ministack.core.responses import now_iso
    return now_iso()
