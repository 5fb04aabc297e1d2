"""Running an invocation from its admission to its end, on a thread of its own."""

import json
import logging
import threading
from dataclasses import replace as changed
from typing import Any, Optional

from . import function_pool, function_state
from .function_version import FunctionVersion
from .invocation import Failure, Invocation

logger = logging.getLogger("local-aws")


class Refused(Exception):
    """An invocation that does not begin: Lambda's error, its HTTP status and its members."""

    def __init__(self, status: int, kind: str, message: str, **members: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind
        self.members = {"Type": "User", "message": message, **members}


def version_of(name: str, qualifier: Optional[str]) -> FunctionVersion:
    """The version that a name and a qualifier mean, in the caller's account and region."""
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import lambda_svc
    arn = lambda_svc._func_arn(name) + (f":{qualifier}" if qualifier else "")
    record = lambda_svc._functions.get(name)
    config = lambda_svc._effective_func_record_for_qualifier(record, qualifier)[1] if record else None
    if not config:
        raise Refused(404, "ResourceNotFoundException", f"Function not found: {arn}")
    state = config.get("State")
    if state == "Pending":
        raise Refused(409, "ResourceConflictException", "The operation cannot be performed at this time. The function "
                      "is currently in the following state: Pending")
    function = FunctionVersion(get_account_id(), get_region(), dict(config), function_state.image_of(config))
    return changed(function, config={**config, "FunctionArn": arn})


class Admission:
    """A place among the executions that may run at once; given back when the environment is free again."""

    def __init__(self, function: FunctionVersion) -> None:
        from ministack.services import lambda_svc
        record = lambda_svc._functions.get(function.name) or {}
        slot, limit = lambda_svc._acquire_execution_slot(record, function.config)
        if slot is None:
            reason = ("ReservedFunctionConcurrentInvocationLimitExceeded" if limit == "function"
                      else "ConcurrentInvocationLimitExceeded")
            raise Refused(429, "TooManyRequestsException", "Rate Exceeded.", Reason=reason, retryAfterSeconds="1")
        self._slot = slot

    def give_back(self) -> None:
        from ministack.services import lambda_svc
        lambda_svc._release_execution_slot(self._slot)


def start(function: FunctionVersion, invocation: Invocation, tell_log: bool, admission: Admission) -> None:
    """Begins an invocation; `invocation.on_finished` tells when its caller has all it gets."""
    threading.Thread(target=_run, args=(function, invocation, tell_log, admission), daemon=True,
                     name=f"invocation {invocation.request_id[:8]}").start()


def _run(function: FunctionVersion, invocation: Invocation, tell_log: bool, admission: Admission) -> None:
    environment: Any = None
    try:
        environment = function_pool.acquire(function)
        environment.invoke(invocation, tell_log)
    except Exception as error:
        logger.exception("%s, request %s", function.name, invocation.request_id)
        invocation.settle(Failure.of("Sandbox.StartFailed", f"RequestId: {invocation.request_id} Error: {error}"))
        invocation.finish(b"")
        if environment:
            function_pool.discard(environment)
            environment = None
    finally:
        admission.give_back()
        if environment:
            function_pool.release(environment)


def body_of(refusal: Refused) -> bytes:
    return json.dumps(refusal.members).encode()
