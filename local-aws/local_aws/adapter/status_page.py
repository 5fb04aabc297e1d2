"""Pages of our own before the application: the stacks for `status`, and switches for tests."""

import json
from typing import Any
from urllib.parse import parse_qs

from . import exec_gateway, exec_switches, task_endpoint, task_run


def install() -> None:
    """Nothing to patch: the pages are put before the application."""


def wrap(application: Any) -> Any:
    async def pages(scope: dict, receive: Any, send: Any) -> None:
        page = _PAGES.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if page is None:
            await application(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        try:
            status, answer = 200, page(body or scope["query_string"])
        except ValueError as error:
            status, answer = 400, {"message": str(error)}
        await send({"type": "http.response.start", "status": status,
                    "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    return pages


def _stacks(body: bytes) -> list[dict]:
    from ministack.services import cloudformation
    return [{"name": name, "status": stack.get("StackStatus"), "region": region}
            for (_, region, name), stack in cloudformation._stacks.all_items()
            if stack.get("StackStatus") != "DELETE_COMPLETE"]


def _set_linger(body: bytes) -> dict:
    try:
        seconds = float(body)
    except ValueError:
        raise ValueError(f"{body.decode(errors='replace')!r} is not a number of seconds") from None
    task_run.set_linger_seconds(seconds)
    return {"seconds": seconds}


def _set_exec(body: bytes) -> dict:
    exec_gateway.switches = exec_switches.parse(body)
    return exec_gateway.switches


def _task_credentials(query: bytes) -> dict:
    return task_endpoint.credentials(parse_qs(query.decode()).get("role", [""])[0])


def _no_reset(body: bytes) -> dict:
    raise ValueError("a reset would forget the tasks whose containers run; stop this local AWS and start it again")


_PAGES = {
    ("POST", "/_ministack/reset"): _no_reset,
    ("GET", "/_cdk_vast/stacks"): _stacks,
    ("GET", task_endpoint.CREDENTIALS): _task_credentials,
    ("PUT", "/_cdk_vast/stop-linger"): _set_linger,
    ("PUT", "/_cdk_vast/exec"): _set_exec,
}
