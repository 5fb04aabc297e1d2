"""Asynchronous invocations: queued, tried again as often as the function allows, and then sent where failures go."""

import json
import logging
import threading
import time
from datetime import datetime, timezone
from typing import Any, Optional

from . import function_runs
from .function_runs import Admission, Refused
from .function_version import FunctionVersion
from .invocation import BufferedResponse, Invocation

logger = logging.getLogger("local-aws")

# Lambda waits one minute before the first further attempt and two before the second.
_RETRY_SECONDS = (1.0, 2.0)
_THROTTLED_SECONDS = 0.5
_MESSAGE_BYTES = 1024


def accept(function: FunctionVersion, qualifier: Optional[str], request_id: str, payload: bytes,
           client_context: Optional[str] = None) -> None:
    """Takes an event; what becomes of it the caller does not learn."""
    from ministack.services import lambda_svc
    record = lambda_svc._functions[function.name]
    settings = lambda_svc._event_invoke_config(record, qualifier)
    if settings is None and qualifier in (None, "$LATEST"):
        # CloudFormation names $LATEST what a caller leaves out.
        settings = lambda_svc._event_invoke_config(record, "$LATEST" if qualifier is None else None)
    event = _Event(function, request_id, payload, client_context, settings or {})
    threading.Thread(target=event.run, daemon=True, name=f"event {request_id[:8]}").start()


class _Event:
    """One event in the queue."""

    def __init__(self, function: FunctionVersion, request_id: str, payload: bytes, client_context: Optional[str],
                 settings: dict) -> None:
        self._function, self._request_id, self._payload = function, request_id, payload
        self._client_context = client_context
        retries = settings.get("MaximumRetryAttempts")
        self._attempts = 1 + (2 if retries is None else int(retries))
        self._expires = time.monotonic() + int(settings.get("MaximumEventAgeInSeconds") or 21600)
        destinations = settings.get("DestinationConfig") or {}
        self._on_success = (destinations.get("OnSuccess") or {}).get("Destination")
        self._on_failure = (destinations.get("OnFailure") or {}).get("Destination")

    def run(self) -> None:
        from ministack.core.responses import request_scope
        with request_scope(self._function.account, self._function.region):
            try:
                self._run()
            except Exception:
                logger.exception("event %s of %s", self._request_id, self._function.name)

    def _run(self) -> None:
        for attempt in range(1, self._attempts + 1):
            response = self._invoke()
            if response is None:
                # Throttled until it was too old: no attempt at all.
                self._fail("EventAgeExceeded", attempt - 1, 429, "Rate Exceeded.", None)
                return
            if response.failure is None:
                self._send(self._on_success, "Success", attempt, response)
                return
            if attempt < self._attempts:
                pause = _RETRY_SECONDS[attempt - 1]
                if time.monotonic() + pause > self._expires:
                    self._fail("EventAgeExceeded", attempt, 200, _message(response), response)
                    return
                time.sleep(pause)
                continue
            self._fail("RetriesExhausted", attempt, 200, _message(response), response)

    def _invoke(self) -> Optional[BufferedResponse]:
        while True:
            try:
                admission = Admission(self._function)
                break
            except Refused:
                if time.monotonic() > self._expires:
                    return None
                time.sleep(_THROTTLED_SECONDS)
        response, finished = BufferedResponse(), threading.Event()
        invocation = Invocation(self._request_id, self._payload, self._function.config["FunctionArn"], response,
                                client_context=self._client_context, on_finished=finished.set)
        function_runs.start(self._function, invocation, False, admission)
        finished.wait()
        return response

    def _fail(self, condition: str, attempts: int, status: int, message: str,
              response: Optional[BufferedResponse]) -> None:
        if self._function.dead_letter:
            attributes = {
                "RequestID": ("String", self._request_id), "ErrorCode": ("Number", str(status)),
                "ErrorMessage": ("String", message.encode()[:_MESSAGE_BYTES].decode(errors="ignore") or "Unhandled"),
            }
            deliver(self._function.dead_letter, self._payload.decode(errors="replace"), attributes)
        self._send(self._on_failure, condition, attempts, response)

    def _send(self, destination: Optional[str], condition: str, attempts: int,
              response: Optional[BufferedResponse]) -> None:
        if not destination:
            return
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": self._request_id, "functionArn": f"{_unqualified(self._function)}:$LATEST",
                "condition": condition, "approximateInvokeCount": attempts},
            "requestPayload": _json(self._payload),
        }
        if response is not None:
            failure = response.failure
            record["responseContext"] = {"statusCode": 200, "executedVersion": self._function.version,
                                         **({"functionError": failure.function_error} if failure else {})}
            record["responsePayload"] = _json(failure.payload if failure else bytes(response.payload))
        deliver(destination, json.dumps(record), {})


def deliver(arn: str, body: str, attributes: dict[str, tuple[str, str]]) -> None:
    """Sends a message to a queue, a topic or a function."""
    service = arn.split(":")[2]
    if service == "sqs":
        from ministack.services import sqs
        queue = sqs._queue_by_arn(arn)
        if queue is None:
            raise ValueError(f"the queue {arn} does not exist")
        sqs._act_send_message({"QueueUrl": queue["url"], "MessageBody": body, "MessageAttributes": {
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()}},
            queue["url"])
    elif service == "sns":
        from ministack.services import sns
        sns._fanout(arn, sns.new_uuid(), body, "", "", {
            name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()})
    elif service == "lambda":
        from ministack.core.responses import new_uuid
        from ministack.services import lambda_svc
        name, qualifier = lambda_svc._resolve_name_and_qualifier(arn)
        accept(function_runs.version_of(name, qualifier), qualifier, new_uuid(), body.encode())
    else:
        raise ValueError(f"{arn} is neither a queue, a topic nor a function")


def _message(response: BufferedResponse) -> str:
    if response.failure is None:
        return ""
    body = _json(response.failure.payload)
    message = body.get("errorMessage") if isinstance(body, dict) else None
    return str(message or response.failure.payload.decode(errors="replace"))


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


def _unqualified(function: FunctionVersion) -> str:
    return ":".join(function.config["FunctionArn"].split(":")[:7])
