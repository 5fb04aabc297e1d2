"""Invoke and InvokeWithResponseStream for functions of images; everything else is MiniStack's."""

import asyncio
import base64
import json
import re
from typing import Any, Optional
from urllib.parse import parse_qs

from . import event_stream, function_events, function_runs
from .function_runs import Admission, Refused
from .function_version import FunctionVersion, is_image
from .invocation import EVENT_LIMIT, REQUEST_LIMIT, BufferedResponse, Invocation
from .patching import replace

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?"
                   r"|/2021-11-15/functions/([^/]+)/response-streaming-invocations/?")


def install() -> None:
    """Other services of the emulator invoke functions, too: an event source, a custom resource."""
    from ministack.services import lambda_svc

    def execute(func: dict, event: Any) -> dict:
        config = func.get("config") or func
        if not is_image(config):
            return executing(func, event)
        return _execute(config, event)

    def invoke_async(func: dict, event: Any) -> None:
        config = func.get("config") or func
        if not is_image(config):
            invoking_async(func, event)
            return
        from ministack.core.responses import new_uuid
        function = function_runs.version_of(config["FunctionName"], None)
        function_events.accept(function, None, new_uuid(), json.dumps(event).encode())

    executing = replace(lambda_svc, "_execute_function", execute)
    invoking_async = replace(lambda_svc, "invoke_async_with_retry", invoke_async)


def wrap(application: Any) -> Any:
    async def invocations(scope: dict, receive: Any, send: Any) -> None:
        path = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        request = _Request(scope, path) if path else None
        if request is None or not request.is_ours():
            await application(scope, receive, send)
            return
        await request.serve(receive, send)

    return invocations


class _Request:
    """One call."""

    def __init__(self, scope: dict, path: re.Match) -> None:
        from ministack.core.responses import new_uuid, set_request_account_id, set_request_region
        from ministack.core.router import extract_access_key_id, extract_region
        from ministack.services import lambda_svc
        self._headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
        key = extract_access_key_id(self._headers, query)
        if key:
            set_request_account_id(key)
        set_request_region(extract_region(self._headers, query))
        self._streamed = path.group(2) is not None
        self._name, in_path = lambda_svc._resolve_request_scoped_name_and_qualifier(path.group(1) or path.group(2))
        self._qualifier: Optional[str] = in_path or query.get("Qualifier", [""])[0] or None
        self._request_id = new_uuid()

    def is_ours(self) -> bool:
        from ministack.services import lambda_svc
        record = lambda_svc._functions.get(self._name)
        return bool(record) and is_image(record["config"])

    async def serve(self, receive: Any, send: Any) -> None:
        try:
            kind = self._headers.get("x-amz-invocation-type", "RequestResponse")
            limit = EVENT_LIMIT if kind == "Event" else REQUEST_LIMIT
            payload = _checked(await _body(receive, limit))
            function = function_runs.version_of(self._name, self._qualifier)
            if kind == "DryRun":
                await self._answer(send, 204, b"", function)
            elif kind == "Event" and not self._streamed:
                function_events.accept(function, self._qualifier, self._request_id, payload, self._client_context())
                await self._answer(send, 202, b"", function)
            elif kind == "RequestResponse":
                admission = Admission(function)
                invoke = self._stream if self._streamed else self._buffer
                await invoke(send, function, payload, admission)
            else:
                raise Refused(400, "InvalidParameterValueException", f"{kind!r} is no invocation type")
        except Refused as refusal:
            headers = [(b"x-amzn-errortype", refusal.kind.encode())]
            if "retryAfterSeconds" in refusal.members:
                headers.append((b"retry-after", refusal.members["retryAfterSeconds"].encode()))
            await self._send(send, refusal.status, json.dumps(refusal.members).encode(), headers)

    async def _buffer(self, send: Any, function: FunctionVersion, payload: bytes, admission: Admission) -> None:
        response, finished = BufferedResponse(), asyncio.Event()
        loop = asyncio.get_running_loop()
        self._start(function, payload, response, admission, lambda: loop.call_soon_threadsafe(finished.set))
        await finished.wait()
        failure = response.failure
        headers = []
        if failure:
            headers.append((b"x-amz-function-error", failure.function_error.encode()))
        if response.log_tail:
            headers.append((b"x-amz-log-result", base64.b64encode(response.log_tail)))
        await self._answer(send, 200, failure.payload if failure else bytes(response.payload), function, headers)

    async def _stream(self, send: Any, function: FunctionVersion, payload: bytes, admission: Admission) -> None:
        finished = asyncio.Event()
        loop = asyncio.get_running_loop()
        response = event_stream.StreamedResponse(send, self._common(function))
        self._start(function, payload, response, admission, lambda: loop.call_soon_threadsafe(finished.set))
        await finished.wait()

    def _start(self, function: FunctionVersion, payload: bytes, response: Any, admission: Admission,
               finished: Any) -> None:
        invocation = Invocation(self._request_id, payload, function.config["FunctionArn"], response,
                                client_context=self._client_context(), on_finished=finished)
        if self._headers.get("x-amzn-trace-id"):
            invocation.trace_id = self._headers["x-amzn-trace-id"]
        function_runs.start(function, invocation, self._headers.get("x-amz-log-type", "").lower() == "tail", admission)

    def _client_context(self) -> Optional[str]:
        encoded = self._headers.get("x-amz-client-context")
        if not encoded:
            return None
        try:
            return json.dumps(json.loads(base64.b64decode(encoded, validate=True)))
        except ValueError:
            raise Refused(400, "InvalidRequestContentException",
                          "Client context must be a valid Base64-encoded JSON object.") from None

    def _common(self, function: Optional[FunctionVersion]) -> list[tuple[bytes, bytes]]:
        headers = [(b"x-amzn-requestid", self._request_id.encode())]
        if function:
            headers.append((b"x-amz-executed-version", function.version.encode()))
        return headers

    async def _answer(self, send: Any, status: int, body: bytes, function: FunctionVersion,
                      headers: Optional[list[tuple[bytes, bytes]]] = None) -> None:
        await self._send(send, status, body, [*self._common(function)[1:], *(headers or [])])

    async def _send(self, send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [
            (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
            *self._common(None), *headers]})
        await send({"type": "http.response.body", "body": body, "more_body": False})


async def _body(receive: Any, limit: int) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        # Read to its end all the same: a client that still writes does not see an answer.
        if size <= limit:
            parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    if size > limit:
        raise Refused(413, "RequestEntityTooLargeException",
                      f"Request must be smaller than {limit} bytes for the InvokeFunction operation")
    return b"".join(parts)


def _checked(payload: bytes) -> bytes:
    if not payload:
        return b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        raise Refused(400, "InvalidRequestContentException",
                      f"Could not parse request body into json: Could not parse payload into json: {error}") from None
    return payload


def _execute(config: dict, event: Any) -> dict:
    """What the emulator's own callers expect of an invocation; called on a thread of theirs."""
    import threading
    from ministack.core.responses import new_uuid
    try:
        function = function_runs.version_of(config["FunctionName"], None)
        admission = Admission(function)
    except Refused as refusal:
        return {"throttle": refusal.status == 429, "error": True, "log": "", "body": {"__type": refusal.kind, **refusal.members}}
    response, finished = BufferedResponse(), threading.Event()
    invocation = Invocation(new_uuid(), json.dumps(event).encode(), function.config["FunctionArn"], response,
                            on_finished=finished.set)
    function_runs.start(function, invocation, True, admission)
    finished.wait()
    payload = response.failure.payload if response.failure else bytes(response.payload)
    answer: dict[str, Any] = {"body": payload.decode(errors="replace"), "raw_payload": True,
                              "log": response.log_tail.decode(errors="replace")}
    if response.failure:
        answer.update(error=True, function_error=response.failure.function_error)
    return answer
