"""Access control: the check that every request passes first.

Two sockets lead here, both on the loopback interface: one for this machine's processes, and one to which the listeners
inside of containers pass their connections on.
"""

import functools
import hmac
import json
import os
import re
from typing import Any, Optional

from ..instance import Instance
from . import container_access, engine, loopback_listener, origin_check, peer_user, task_endpoint

_OWN = ("/_cdk_vast/", "/_ministack/", "/_localstack/")
_HEALTH = {("GET", path) for path in ("/_ministack/health", "/_ministack/ready", "/_localstack/health")}
# The response URLs of custom resources, each with a token of its own.
_ANSWERS = re.compile(r"/_ministack/cfn-(?:response|signal)/[^/]+")


@functools.cache
def _secret() -> bytes:
    return Instance(engine.NAME).secret().encode()


def wrap(application: Any) -> Any:
    async def checked(scope: dict, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await application(scope, receive, send)
            return
        reason = refusal(scope)
        if reason is None:
            container_access.from_container.set(_from_container(scope))
            await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"application/json")]})
            await send({"type": "http.response.body", "body": json.dumps(
                {"__type": "AccessDeniedException", "message": reason}).encode()})

    return checked


def _from_container(scope: dict) -> bool:
    return bool(scope["server"][1] == loopback_listener.container_port())


def refusal(scope: dict) -> Optional[str]:
    """Why a request is not served; None for one that is."""
    foreign = origin_check.refusal(scope["headers"])
    if foreign:
        return foreign
    if peer_user.is_known() and not peer_user.is_trusted(scope["client"], scope["server"]):
        return f"this local AWS is for processes of root and of the user with the number {os.geteuid()}."
    return _refusal_of_own_pages(scope)


def _refusal_of_own_pages(scope: dict) -> Optional[str]:
    method, path = scope.get("method", "GET"), scope["path"]
    if _from_container(scope) and not container_access.may_have(path):
        return "this is not for containers."
    if not path.startswith(_OWN) or (method == "PUT" and _ANSWERS.fullmatch(path)):
        return None
    if _from_container(scope):
        return None if (method, path) == ("GET", task_endpoint.CREDENTIALS) else "this is not for containers."
    given = dict(scope["headers"]).get(b"authorization", b"")
    if (method, path) in _HEALTH or hmac.compare_digest(given, b"Bearer " + _secret()):
        return None
    return ("this takes the secret of the instance, which is in the file `secret` of its state directory: "
            "Authorization: Bearer SECRET")
