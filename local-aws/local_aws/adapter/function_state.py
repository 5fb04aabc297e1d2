"""Making, changing and deleting functions of images: MiniStack keeps the records and the rest of the API."""

import asyncio
import re
from typing import Any, Callable, Optional

from . import engine, function_checks, function_pool, sandbox, task_images
from .function_version import FunctionVersion, is_image
from .network_namespaces import CannotEnter
from .patching import original, replace
from .task_failures import CannotPullContainerError

# Anything that changes a function pulls an image or removes containers: not on the emulator's one event loop.
_CHANGES = re.compile(r"/2015-03-31/functions(/[^/]+(/(code|configuration))?)?/?")
_images: dict[tuple[str, str, str, str], str] = {}


def install() -> None:
    from ministack.services import lambda_svc as svc

    handling = original(svc, "handle_request")

    async def handle_request(method: str, path: str, headers: dict, body: bytes, query_params: dict) -> Any:
        from ministack.core.concurrency import run_reentrant
        if method in ("POST", "PUT", "DELETE") and _CHANGES.fullmatch(path):
            return await run_reentrant(lambda: asyncio.run(handling(method, path, headers, body, query_params)))
        return await handling(method, path, headers, body, query_params)

    svc.handle_request = handle_request
    creating = replace(svc, "_create_function", lambda data: create(data, creating))
    coding = replace(svc, "_update_code", lambda name, data: update(name, data, coding))
    configuring = replace(svc, "_update_config", lambda name, data: update(name, data, configuring))

    def delete_function(name: str, query_params: dict, path_qualifier: Optional[str] = None) -> Any:
        from ministack.core.responses import get_account_id, get_region
        answer = deleting(name, query_params, path_qualifier)
        if answer[0] < 400:
            function_pool.kill(get_account_id(), get_region(), name)
        return answer

    deleting = replace(svc, "_delete_function", delete_function)
    function_pool.install(_is_current)


def create(data: dict, creating: Callable) -> Any:
    if not (data.get("Code") or {}).get("ImageUri"):
        return creating(data)
    for problem in (*function_checks.problems_of(data), function_checks.role_problem(data.get("Role"))):
        if problem:
            return _refuse(problem)
    try:
        sandbox.check()
        _obtain(data["FunctionName"], data["Code"]["ImageUri"], data.get("Architectures"))
    except (CannotPullContainerError, CannotEnter) as error:
        return _refuse(str(error))
    return creating(data)


def update(name: str, data: dict, updating: Callable) -> Any:
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import lambda_svc
    record = lambda_svc._functions.get(name)
    if not record or not is_image(record["config"]):
        return updating(name, data)
    uri = data.get("ImageUri")
    checked = {k: v for k, v in data.items() if k != "ImageUri"}
    # What an update leaves out stays, and the role has to fit it.
    if data.get("ZipFile") or data.get("S3Bucket"):
        return _refuse("Please provide ImageUri when updating a function with packageType Image.")
    role = data.get("Role") or record["config"]["Role"]
    for problem in (*function_checks.problems_of({"Role": role, **checked}), function_checks.role_problem(role)):
        if problem:
            return _refuse(problem)
    if uri:
        try:
            _obtain(name, uri, data.get("Architectures") or record["config"].get("Architectures"))
        except CannotPullContainerError as error:
            return _refuse(str(error))
    answer = updating(name, data)
    if answer[0] < 400:
        config = record["config"]
        if not (config.get("ImageConfigResponse") or {}).get("ImageConfig"):
            config.pop("ImageConfigResponse", None)
        if not (config.get("DeadLetterConfig") or {}).get("TargetArn"):
            config.pop("DeadLetterConfig", None)
        # An update goes on beside a function that stays active.
        config.update(State="Active", StateReason="", StateReasonCode="")
        function_pool.retire(get_account_id(), get_region(), name)
    return answer


def image_of(config: dict) -> str:
    """The image that a function was made or last updated with."""
    from ministack.core.responses import get_account_id, get_region
    return _images[get_account_id(), get_region(), config["FunctionName"], config["ImageUri"]]


def _obtain(name: str, uri: str, architectures: Optional[list]) -> None:
    from ministack.core.responses import get_account_id, get_region
    processor = (architectures or ["x86_64"])[0].upper()
    try:
        local = task_images.obtain(uri, processor)
    except CannotPullContainerError as error:
        raise CannotPullContainerError(f"Source image {uri} does not exist. Provide a valid source image. "
                                       f"({error})") from error
    identity = engine.client().api.inspect_image(local)["Id"]
    _images[get_account_id(), get_region(), name, uri] = identity


def _is_current(function: FunctionVersion) -> bool:
    """Whether this very state of the function can still be invoked."""
    from ministack.core.responses import request_scope
    from ministack.services import lambda_svc
    with request_scope(function.account, function.region):
        record = lambda_svc._functions.get(function.name)
        config = lambda_svc._effective_func_record_for_qualifier(record, function.version)[1] if record else None
        return config is not None and config.get("RevisionId") == function.config.get("RevisionId")


def _refuse(sentence: str) -> Any:
    from ministack.services import lambda_svc
    return lambda_svc.error_response_json("InvalidParameterValueException", sentence, 400)
