"""One page for `status`: the stacks, without any AWS client."""

import json
from typing import Any


def install() -> None:
    """Nothing to patch: the page is put before the application."""


def wrap(application: Any) -> Any:
    from ministack.services.cloudformation import _stacks

    async def page(scope: dict, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/_cdk_vast/stacks":
            await application(scope, receive, send)
            return
        stacks = [{"name": name, "status": stack.get("StackStatus"), "region": region}
                  for (_, region, name), stack in _stacks.all_items()
                  if stack.get("StackStatus") != "DELETE_COMPLETE"]
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(stacks).encode()})

    return page
