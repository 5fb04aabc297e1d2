"""One task's life: from PROVISIONING to STOPPED, on a thread of its own.

No Docker call is made under a lock, and nobody else touches the task's containers:
whoever wants the task to end asks for it and goes on.
"""

import logging
import os
import threading
import time
from typing import Any, Callable, Optional

from docker.errors import APIError, NotFound

from . import cloud_map, engine, exec_agent, file_system_volumes, task_container, task_endpoint, task_images, vpc_networks
from .loopback_listener import LoopbackListener
from .task_failures import (CannotStartContainerError, ResourceInitializationError, TaskFailure)
from .task_health import TaskHealth
from .task_logs import LogForwarder

logger = logging.getLogger("local-aws")

_POLL_SECONDS = 0.2
# Time for the last lines of a container that has ended.
_LOG_SECONDS = 10.0
_DEFAULT_STOP_SECONDS = 30


# How long a container runs on after its task was told to stop, before SIGTERM (a switch for tests).
_linger_seconds = float(os.environ.get("CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS") or 0)


def set_linger_seconds(seconds: float) -> None:
    global _linger_seconds
    _linger_seconds = seconds


class TaskRun:
    """Runs one task record; `changed` is called after every change that others may wait for."""

    def __init__(self, task: dict, task_definition: dict, registries: list[dict], account: str, region: str,
                 changed: Callable[[], None]) -> None:
        self.task = task
        self._definition = task_definition
        self._registries = registries
        self._account, self._region = account, region
        self._changed = changed
        self._stop = threading.Event()
        self._stop_lock = threading.Lock()
        self._containers: list[Any] = []
        self._logs: list[LogForwarder] = []
        self._network = ""
        self._endpoint: Optional[LoopbackListener] = None
        self._registered: Optional[list] = None
        self._health = TaskHealth(task, task_definition)
        self.finished = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name=f"task {self._id[:12]}").start()

    def stop(self, reason: str, code: str) -> None:
        """Asks the task to end; returns at once."""
        with self._stop_lock:
            if self._stop.is_set() or self.task["lastStatus"] == "STOPPED":
                return
            self._set(desiredStatus="STOPPED", stoppingAt=_now(), stoppedReason=reason, stopCode=code)
            self._stop.set()

    def log_group(self, container: str) -> Optional[str]:
        """The log group that a container writes to, if it writes to one."""
        definition = next(d for d in self._definition["containerDefinitions"] if d["name"] == container)
        return ((definition.get("logConfiguration") or {}).get("options") or {}).get("awslogs-group")

    @property
    def _id(self) -> str:
        return self.task["taskArn"].rsplit("/", 1)[-1]

    # --- life ------------------------------------------------------------------------

    def _run(self) -> None:
        from ministack.core.responses import request_scope
        with request_scope(self._account, self._region):
            try:
                self._bring_up()
                self._watch()
            except TaskFailure as failure:
                self._ended(failure.reason(), failure.kind)
            except Exception as error:
                logger.exception("task %s", self._id)
                self._ended(f"{type(error).__name__}: {error}", "TaskFailedToStart")
            try:
                self._bring_down()
            except Exception:
                logger.exception("task %s: cleaning up", self._id)
            self._status("STOPPED", stoppedAt=_now(), _ended=time.time())
            self.finished.set()
            self._changed()

    def _bring_up(self) -> None:
        self._status("PENDING")
        subnet, vpc = self._place()
        secrets = self._secrets()
        self._status("ACTIVATING", pullStartedAt=_now())
        architecture = (self._definition.get("runtimePlatform") or {}).get("cpuArchitecture") or "X86_64"
        definitions = self._definition["containerDefinitions"]
        images = [task_images.obtain(d["image"], architecture) for d in definitions]
        self.task["pullStoppedAt"] = _now()
        self._network = vpc_networks.ensure(vpc["VpcId"], vpc["CidrBlock"])
        for definition in definitions:
            log = LogForwarder.for_container(definition, self._id, self._account, self._region)
            if log:
                log.prepare()
                self._logs.append(log)
        for index, (definition, image) in enumerate(zip(definitions, images)):
            if self._stop.is_set():
                return
            self._create(index, definition, image, secrets[index], subnet)
        self._start_containers(subnet)
        if not self._stop.is_set():
            self._status("RUNNING", startedAt=_now(), connectivity="CONNECTED", connectivityAt=_now())

    def _place(self) -> tuple[dict, dict]:
        from ministack.services import ec2
        ec2._ensure_defaults_initialized()
        subnet = ec2._subnets.get(self.task["_subnet"] or "")
        vpc = ec2._vpcs.get(subnet["VpcId"]) if subnet else None
        if not subnet or not vpc:
            raise ResourceInitializationError(
                f"failed to create a network interface: the subnet {self.task['_subnet']!r} does not exist")
        self.task["availabilityZone"] = subnet["AvailabilityZone"]
        return subnet, vpc

    def _groups(self, subnet: dict) -> list[str]:
        """The task's security groups; the VPC's default one when it names none."""
        from ministack.services import ec2
        default = ec2._vpcs[subnet["VpcId"]].get("DefaultSecurityGroupId")
        return list(self.task["_security_groups"]) or [default]

    def _secrets(self) -> list[dict[str, str]]:
        from ministack.services import ecs
        try:
            return [ecs._resolve_container_secrets(d) for d in self._definition["containerDefinitions"]]
        except ecs._SecretResolutionError as error:
            raise ResourceInitializationError(
                f"unable to pull secrets or registry auth: execution resource retrieval failed: {error}") from error

    def _create(self, index: int, definition: dict, image: str, secrets: dict[str, str], subnet: dict) -> None:
        volumes = {v["name"]: v for v in self._definition.get("volumes") or []}
        mounts, files_of = [], None
        for point in definition.get("mountPoints") or []:
            volume = volumes[point["sourceVolume"]]
            if volume.get("efsVolumeConfiguration"):
                mounts.append(task_container.efs_mount(volume, point, subnet, self._groups(subnet), image))
                files_of = files_of or file_system_volumes.posix_user(volume)
            else:
                mounts.append(task_container.scratch_mount(point))
        override: dict = next((o for o in self.task["overrides"].get("containerOverrides") or []
                         if o.get("name") == definition["name"]), {})
        arguments = task_container.settings(self.task, self._definition, definition, override, image, secrets,
                                            mounts, files_of)
        # One network interface for the whole task, as with awsvpc.
        if index == 0:
            # Without a health check a task has its name as soon as it runs.
            names = [] if self._health.is_checked else self._names()
            arguments["network"] = self._network
            arguments["networking_config"] = {
                self._network: engine.client().api.create_endpoint_config(aliases=names or None)}
        else:
            arguments["network_mode"] = f"container:{self._containers[0].id}"
        try:
            container = engine.client().containers.create(**arguments)
        except APIError as error:
            raise CannotStartContainerError(_explanation(error)) from error
        self._containers.append(container)
        self.task["containers"][index]["runtimeId"] = container.id

    def _start_containers(self, subnet: dict) -> None:
        for index, container in enumerate(self._containers):
            if self._stop.is_set():
                return
            try:
                container.start()
            except APIError as error:
                self._start_logs()
                raise CannotStartContainerError(_explanation(error)) from error
            self.task["containers"][index]["lastStatus"] = "RUNNING"
            if index == 0:
                pid = (_state(container) or {}).get("Pid")
                self._endpoint = task_endpoint.open_in(int(pid), container.id) if pid else None
                self._attach(container, subnet)
        self._start_logs()

    def _start_logs(self) -> None:
        logged = [d for d in self._definition["containerDefinitions"] if d.get("logConfiguration")]
        for log, definition in zip(self._logs, logged):
            index = self._definition["containerDefinitions"].index(definition)
            if index < len(self._containers):
                log.follow(self._containers[index])

    def _attach(self, container: Any, subnet: dict) -> None:
        ip, mac = vpc_networks.address(self._network, container.id)
        interface = "eni-" + self._id.replace("-", "")[:17]
        self.task["attachments"] = [{
            "id": self._id, "type": "ElasticNetworkInterface", "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in (
                ("subnetId", subnet["SubnetId"]), ("networkInterfaceId", interface), ("macAddress", mac),
                ("privateIPv4Address", ip))],
        }]
        self.task["_ip"] = ip
        for record in self.task["containers"]:
            record["networkInterfaces"] = [{"attachmentId": self._id, "privateIpv4Address": ip}]

    # --- running ---------------------------------------------------------------------

    def _watch(self) -> None:
        """Follows the containers until one that matters ends or the task is told to stop."""
        essential = [bool(d.get("essential", True)) for d in self._definition["containerDefinitions"]]
        while not self._stop.is_set():
            if not self._inspect(essential):
                return
            if exec_agent.look_after(self.task, self._definition["containerDefinitions"]):
                self._set()
            if self._health.is_ready:
                self._register()
            self._stop.wait(_POLL_SECONDS)

    def _inspect(self, essential: list[bool]) -> bool:
        ended = 0
        for index, container in enumerate(self._containers):
            state = _state(container)
            if state is None or not state.get("Running"):
                self._record_exit(index, state)
                ended += 1
                if essential[index]:
                    reason = self.task["containers"][index].get("reason", "")
                    self._ended("Essential container in task exited" + (f": {reason}" if reason else ""),
                                "EssentialContainerExited")
                    return False
            else:
                if self._health.record(index, container, state):
                    self._set(healthStatus=self._health.of_task())
        if ended == len(self._containers):
            self._ended("All containers in task exited", "EssentialContainerExited")
            return False
        return True

    def _record_exit(self, index: int, state: Optional[dict]) -> None:
        record = self.task["containers"][index]
        if record["lastStatus"] == "STOPPED":
            return
        record["lastStatus"] = "STOPPED"
        exec_agent.stop(record)
        if state is None:
            record["reason"] = "the container was removed from Docker"
            return
        record["exitCode"] = state.get("ExitCode")
        record["_last_output"] = _last_line(self._containers[index])
        if state.get("OOMKilled"):
            record["reason"] = "OutOfMemoryError: Container killed due to memory usage"
        elif state.get("Error"):
            record["reason"] = state["Error"]

    # --- names -----------------------------------------------------------------------

    def _names(self) -> list[str]:
        return [name for name in (cloud_map.dns_name(r) for r in self._registries) if name]

    def _register(self) -> None:
        if self._registered is not None or not self._registries:
            return
        if self._health.is_checked:
            vpc_networks.rename(self._network, self._containers[0].id, self._names())
        self._registered = [cloud_map.register(r, self.task, self._definition, self._region)
                            for r in self._registries]

    def _deregister(self) -> None:
        for registration in self._registered or []:
            cloud_map.deregister(registration, self._id)
        if self._names() and self._containers and (_state(self._containers[0]) or {}).get("Running"):
            try:
                vpc_networks.rename(self._network, self._containers[0].id, [])
            except APIError as error:
                logger.info("task %s: %s", self._id, error)

    # --- the end ---------------------------------------------------------------------

    def _ended(self, reason: str, code: str) -> None:
        with self._stop_lock:
            if not self._stop.is_set():
                self._set(desiredStatus="STOPPED", stoppingAt=_now(), stoppedReason=reason, stopCode=code)
                self._stop.set()

    def _bring_down(self) -> None:
        self._status("DEACTIVATING")
        self._deregister()
        self._status("STOPPING")
        if any((_state(c) or {}).get("Running") for c in self._containers):
            self._linger()
        stopping = [threading.Thread(target=self._stop_container, args=(index, container))
                    for index, container in enumerate(self._containers)]
        for thread in stopping:
            thread.start()
        for thread in stopping:
            thread.join()
        self.task["executionStoppedAt"] = _now()
        self._status("DEPROVISIONING")
        for log in self._logs:
            log.finish(_LOG_SECONDS)
        for container in reversed(self._containers):
            try:
                container.remove(v=True, force=True)
            except (NotFound, APIError):
                pass
        file_system_volumes.remove_held()
        if self._endpoint:
            self._endpoint.close()
        for attachment in self.task.get("attachments") or []:
            attachment["status"] = "DELETED"
        for record in self.task["containers"]:
            record["lastStatus"] = "STOPPED"
            exec_agent.stop(record)

    def _linger(self) -> None:
        until = time.monotonic() + _linger_seconds
        while time.monotonic() < until and any((_state(c) or {}).get("Running") for c in self._containers):
            time.sleep(min(_POLL_SECONDS, max(0.0, until - time.monotonic())))

    def _stop_container(self, index: int, container: Any) -> None:
        definition = self._definition["containerDefinitions"][index]
        seconds = int(definition.get("stopTimeout") or _DEFAULT_STOP_SECONDS)
        try:
            if (_state(container) or {}).get("Running"):
                container.stop(timeout=seconds)
        except (NotFound, APIError) as error:
            logger.warning("task %s: stopping %s: %s", self._id, definition["name"], error)
        state = _state(container)
        if state is not None and state.get("Status") != "created":
            self._record_exit(index, state)

    # --- the record ------------------------------------------------------------------

    def _status(self, status: str, **more: Any) -> None:
        self._set(lastStatus=status, **more)

    def _set(self, **members: Any) -> None:
        self.task.update(members)
        self.task["version"] = int(self.task.get("version") or 0) + 1
        self._changed()


def _state(container: Any) -> Optional[dict]:
    try:
        return engine.client().api.inspect_container(container.id)["State"]
    except NotFound:
        return None


def _last_line(container: Any) -> str:
    """What a container said last: the log group may be gone before anybody can read it there."""
    try:
        lines = container.logs(tail=5).decode(errors="replace").split("\n")
    except APIError:
        return ""
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def _explanation(error: APIError) -> str:
    return str(error.explanation or error)


def _now() -> str:
    from ministack.core.responses import now_iso
    return now_iso()
