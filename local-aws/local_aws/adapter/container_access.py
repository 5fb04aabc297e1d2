"""The part of this AWS that containers may use.

There are no permissions here, and some services run programs on this machine or in privileged containers: a function of
an archive runs as the emulator's user. A command in a container must not get there, so it has a list of what it may call.
"""

import contextvars
import functools
import json
import re
from typing import Any, Awaitable, Callable
from urllib.parse import parse_qs

# True while a request from a container is served.
from_container: contextvars.ContextVar[bool] = contextvars.ContextVar("from_container", default=False)

_READING = r"(Describe|List|Get|BatchGet|Lookup|Estimate|Validate)\w*"
# By MiniStack's name of the service: the actions, as a regular expression.
_ACTIONS = {
    **dict.fromkeys(("dynamodb", "dynamodbstreams", "ecr", "firehose", "iam", "kinesis", "kms", "logs", "monitoring",
                     "secretsmanager", "servicediscovery", "sqs", "sts", "tagging"), r"\w+"),
    # Not task definitions and services of its own, which could mount what another container has prepared.
    "ecs": rf"{_READING}|RunTask|StopTask|UpdateService|ExecuteCommand",
    # Not connections and API destinations: the emulator would call whatever address they name, such as its own.
    "events": rf"{_READING}|TestEventPattern|(Put|Delete|Enable|Disable)Rule|(Put|Remove)Targets|PutEvents|Tag\w*|Untag\w*",
    # Not Subscribe, for the same reason.
    "sns": rf"{_READING}|Publish\w*|Create\w*|Delete\w*|Tag\w*|Untag\w*",
    # Not the documents, which run commands and call other services.
    "ssm": r"(Get|Put|Delete|Describe|Label|Unlabel)Parameters?\w*|(Resume|Terminate)Session",
    **dict.fromkeys(("cloudformation", "ec2", "elasticloadbalancing", "rds", "autoscaling", "glue"), _READING),
}
# Services whose actions are methods and paths.
_PATHS = {
    "s3": (r"\w+", r"/.*"),
    # Not file systems and access points of its own.
    "elasticfilesystem": (r"GET", r"/.*"),
    "lambda": (r"GET", r"/.*"),
}
# Paths that MiniStack serves before it looks for a service: the image registry, and data planes of services that run
# programs or call any address.
_BEFORE_SERVICES = re.compile(
    r"/(v2(/.*)?|v20180820/.*|iceberg(/.*)?|_aws/.*|_alb(/.*)?|restapis/.*|oauth2/.*|logout|(Batch)?Execute(Statement)?|"
    r"(Begin|Commit|Rollback)Transaction)", re.DOTALL)
_INVOCATION = re.compile(r"/2015-03-31/functions/[^/]+/invocations/?|/2021-11-15/functions/[^/]+/response-streaming-invocations/?")

Handler = Callable[[str, str, dict, bytes, dict], Awaitable[Any]]


def install() -> None:
    from ministack import app
    for service, handler in app.SERVICE_HANDLERS.items():
        app.SERVICE_HANDLERS[service] = _guarded(service, handler)


def _guarded(service: str, handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def guarded(method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Any:
        if from_container.get() and not may_call(service, method, path, headers, body, query_params):
            message = f"a container may not call this action of {service} on the local AWS; its README lists what it may."
            return 403, {"Content-Type": "application/json"}, json.dumps(
                {"__type": "AccessDeniedException", "message": message}).encode()
        return await handler(method, path, headers, body, query_params)

    return guarded


def may_have(path: str) -> bool:
    """Checks the path of a container's request, before any service is looked for."""
    return not _BEFORE_SERVICES.fullmatch(path)


def may_call(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> bool:
    """Checks the action of a container's request."""
    if service == "lambda" and method == "POST" and _INVOCATION.fullmatch(path):
        return True
    if service in _PATHS:
        of_method, of_path = _PATHS[service]
        return bool(re.fullmatch(of_method, method) and re.fullmatch(of_path, path, re.DOTALL))
    allowed = _ACTIONS.get(service)
    if allowed is None:
        return False
    if allowed == r"\w+":
        return True
    names = _actions(headers, body, query_params)
    return bool(names) and all(re.fullmatch(allowed, name) for name in names)


def _actions(headers: dict, body: bytes, query_params: dict) -> list[str]:
    """Every action that the request names: which of them counts is the service's own affair."""
    named = [headers["x-amz-target"].rsplit(".", 1)[-1]] if headers.get("x-amz-target") else []
    form = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True)
    for parameters in (query_params, form):
        for values in parameters.get("Action", []), parameters.get("action", []):
            named += values if isinstance(values, list) else [values]
    return named
