"""An execution environment: made for one function, used for one invocation at a time, frozen in between."""

import json
import logging
import re
import time
from typing import Optional

from . import invocation as outcomes
from . import loopback_listener, network_namespaces, runtime_api, vpc_networks
from .function_firewall import FunctionFirewall
from .function_log import FunctionLog
from .function_process import FunctionProcess, InvalidEntrypoint
from .function_version import FunctionVersion
from .invocation import Failure, Invocation
from .loopback_listener import LoopbackListener
from .sandbox import Sandbox

logger = logging.getLogger("local-aws")

_INIT_SECONDS = 10.0
# A runtime asks for more right after its answer; whoever calls again then finds it ready.
_NEXT_SECONDS = 0.25
_LAST_WORDS_SECONDS = 0.05
# What the init process says of an entry point that it cannot run.
_NOT_EXECUTED = re.compile(r"^\[FATAL tini \(\d+\)\] exec (.*) failed: (.*)$")


class FunctionEnvironment:
    """A sandbox, the process in it, and their log."""

    def __init__(self, function: FunctionVersion, name: str) -> None:
        self.function, self.name = function, name
        self.idle_since = 0.0
        self._busy = True
        self._log = FunctionLog(function.config, function.account, function.region)
        self._api = runtime_api.RuntimeApi()
        self._process: Optional[FunctionProcess] = None
        self._init_seconds: Optional[float] = None
        self._listeners: list[LoopbackListener] = []
        self._sandbox = Sandbox(f"{name}-net", _network(function), function.name)
        self._firewall = FunctionFirewall(function, self._sandbox)
        try:
            for port, serve in ((runtime_api.PORT, self._api.serve),
                                (loopback_listener.emulator_port(), loopback_listener.relay_to_emulator)):
                listener = self._sandbox.inside(lambda port=port: network_namespaces.listen(port))
                self._listeners.append(LoopbackListener(listener, serve, f"{function.name} port {port}"))
            self._firewall.update()
            self._log.open()
        except BaseException:
            self.remove()
            raise

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.session.end is None

    def remove(self) -> None:
        """Ends all of it. The log stays."""
        if self._process:
            self._process.kill()
        for listener in self._listeners:
            listener.close()
        self._sandbox.remove()

    # --- starting --------------------------------------------------------------------

    def initialize(self) -> None:
        """Starts the process. If that takes too long or fails, the invocation tries once more on its own time."""
        begin = time.monotonic()
        failure = self._start(begin + _INIT_SECONDS)
        self._init_seconds = time.monotonic() - begin
        if failure:
            status = "timeout" if failure.kind == "Sandbox.Timedout" else f"error\tError Type: {failure.kind}"
            self._log.write(f"INIT_REPORT Init Duration: {self._init_seconds * 1000:.2f} ms\tPhase: init\t"
                            f"Status: {status}")
            self._end_process()

    def _start(self, deadline: float) -> Optional[Failure]:
        """None when the runtime asks for work; otherwise why it does not, without a request id."""
        process = FunctionProcess(self.function, self.name, self._sandbox.id, self._log)
        self._process, self._api.session = process, process.session
        try:
            process.start()
        except InvalidEntrypoint as error:
            return Failure.of("Runtime.InvalidEntrypoint", f"Error: {error}")
        if process.session.wait_until_ready(deadline):
            process.throttle()
            return None
        if process.session.init_failure:
            return process.session.init_failure
        if process.session.end is not None:
            missing = _NOT_EXECUTED.search(self._log.last_line)
            if missing:
                return Failure.of("Runtime.InvalidEntrypoint", f"Error: fork/exec {missing.group(1)}: "
                                  f"{missing.group(2).lower()}")
            return Failure.of("Runtime.ExitError", f"Error: {process.session.end}")
        return Failure.of("Sandbox.Timedout", "")

    def _end_process(self) -> None:
        if self._process:
            self._process.kill()
        self._process, self._api.session = None, None

    # --- invoking --------------------------------------------------------------------

    def invoke(self, invocation: Invocation, tell_log: bool) -> None:
        """Runs one invocation; returns when the environment can have the next one, or has ended."""
        self._busy = True
        begin = time.monotonic()
        limit = begin + self.function.timeout
        self._log.begin_tail()
        self._log.write(f"START RequestId: {invocation.request_id} Version: {self.function.version}")
        invocation.deadline = time.time() + self.function.timeout
        self._hand_over(invocation, limit)
        self._await_answer(invocation, limit)
        process = self._process
        ready = process is not None and process.session.wait_until_ready(min(limit, time.monotonic() + _NEXT_SECONDS))
        self._log.settle()
        duration = time.monotonic() - begin
        if ready:
            self._report(invocation, duration)
        invocation.finish(self._log.tail() if tell_log else b"")
        if not ready:
            # It has answered and goes on working, or it has ended.
            self._finish_late(limit)
            self._report(invocation, time.monotonic() - begin)
        if not self.is_alive:
            self._end_process()

    def _hand_over(self, invocation: Invocation, limit: float) -> None:
        failure = None
        self._firewall.update()
        if not self.is_alive:
            failure = self._start(limit)
        if failure and failure.kind != "Sandbox.Timedout":
            self._end_process()
            invocation.settle(_with_request(failure, invocation.request_id))
        if failure or self._process is None:
            return
        self._process.thaw()
        self._process.session.offer(invocation)

    def _await_answer(self, invocation: Invocation, limit: float) -> None:
        """Until the runtime has answered, its process has ended, or its time is up."""
        while not invocation.answered.wait(min(0.05, max(0.0, limit - time.monotonic()))):
            session = self._process.session if self._process else None
            if session and session.end is not None:
                # Its last words may be on their way still.
                if invocation.answered.wait(_LAST_WORDS_SECONDS):
                    return
                self._log.write(f"RequestId: {invocation.request_id} Error: {session.end}", "Runtime.ExitError")
                invocation.settle(outcomes.exited(invocation.request_id, session.end))
            elif time.monotonic() >= limit:
                self._time_out(invocation.request_id)
                invocation.settle(outcomes.timed_out(invocation.request_id, self.function.timeout))

    def _finish_late(self, limit: float) -> None:
        while self.is_alive and self._process and not self._process.session.wait_until_ready(
                min(limit, time.monotonic() + 1.0)):
            if time.monotonic() >= limit:
                self._end_process()

    def _time_out(self, request_id: str) -> None:
        self._end_process()
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        self._log.write(f"{stamp} {request_id} Task timed out after {self.function.timeout:.2f} seconds")

    def _report(self, invocation: Invocation, seconds: float) -> None:
        peak = self._process.peak_memory_mb() if self.is_alive and self._process else None
        report = (f"REPORT RequestId: {invocation.request_id}\tDuration: {seconds * 1000:.2f} ms\t"
                  f"Billed Duration: {int(seconds * 1000) + 1} ms\tMemory Size: {self.function.memory} MB")
        if peak is not None:
            report += f"\tMax Memory Used: {peak} MB"
        if self._init_seconds is not None:
            report += f"\tInit Duration: {self._init_seconds * 1000:.2f} ms"
            self._init_seconds = None
        if invocation.failure and invocation.failure.kind == "Sandbox.Timedout":
            report += "\tStatus: timeout"
        elif invocation.failure and not self.is_alive:
            report += f"\tStatus: error\tError Type: {invocation.failure.kind}"
        self._log.write(f"END RequestId: {invocation.request_id}", report)

    # --- between invocations ---------------------------------------------------------

    def rest(self) -> None:
        """Freezes it until it is needed."""
        self._busy = False
        self.idle_since = time.monotonic()
        if self._process:
            self._process.freeze(lambda: not self._busy)

    def take(self) -> None:
        self._busy = True



def _with_request(failure: Failure, request_id: str) -> Failure:
    """Lambda's own words name the request; a runtime's are passed on as they are."""
    if failure.kind not in ("Runtime.ExitError", "Runtime.InvalidEntrypoint"):
        return failure
    message = json.loads(failure.payload)["errorMessage"]
    return Failure.of(failure.kind, f"RequestId: {request_id} {message}")


def _network(function: FunctionVersion) -> Optional[str]:
    """The network of the function's VPC; None when it is in none."""
    from ministack.core.responses import request_scope
    from ministack.services import ec2
    if not function.subnet_ids:
        return None
    with request_scope(function.account, function.region):
        subnet = ec2._subnets.get(function.subnet_ids[0])
        vpc = ec2._vpcs.get(subnet["VpcId"]) if subnet else None
        if not vpc:
            raise ValueError(f"the subnet {function.subnet_ids[0]} does not exist")
        return vpc_networks.ensure(vpc["VpcId"], vpc["CidrBlock"])
