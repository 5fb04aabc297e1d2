"""AWS::Lambda::Function from an image through the same checks as the API, and no success before it can be invoked."""

import json
import time
from typing import Any, Optional

from .patching import original

_FUNCTION = "AWS::Lambda::Function"
_ACTIVE_SECONDS = 60
# As the API has them when a template that named them no longer does.
_DEFAULTS: dict[str, Any] = {
    "Description": "", "Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512}, "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    "DeadLetterConfig": {}, "ImageConfig": {}, "KMSKeyArn": "", "TracingConfig": {"Mode": "PassThrough"},
}
_NOT_CONFIGURATION = ("FunctionName", "Code", "PackageType", "Architectures", "Tags", "ReservedConcurrentExecutions")


def install() -> None:
    from ministack.services.cloudformation import provisioners
    handlers = provisioners._RESOURCE_HANDLERS
    archives = dict(handlers[_FUNCTION])

    def create(logical_id: str, props: dict, stack_name: str) -> tuple:
        if not _is_image(props):
            return archives["create"](logical_id, props, stack_name)
        return _create(logical_id, props, stack_name)

    def update(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: Optional[str] = None) -> tuple:
        if not (_is_image(old) and _is_image(new)) or _renamed(physical_id, old, new):
            # The engine's own way of replacing; it comes back to `create` for the successor.
            return archives["update"](physical_id, old, new, stack_name, logical_id)
        return _update(physical_id, old, new)

    def delete(physical_id: str, props: dict) -> None:
        from ministack.services import lambda_svc
        lambda_svc._delete_function(physical_id, {})

    handlers[_FUNCTION] = {**archives, "create": create, "update": update, "delete": delete}
    # The update handler of archives replaces a function by these two names.
    original(provisioners, "_lambda_create")
    original(provisioners, "_lambda_delete")
    provisioners._lambda_create, provisioners._lambda_delete = create, delete
    for name in ("AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig"):
        _needs_function(handlers, name)


def _is_image(props: dict) -> bool:
    return bool((props.get("Code") or {}).get("ImageUri"))


def _renamed(physical_id: str, old: dict, new: dict) -> bool:
    return old.get("FunctionName") != new.get("FunctionName") and new.get("FunctionName") != physical_id


def _request(props: dict) -> dict:
    """The properties as the API names and types them."""
    request = dict(props)
    for name in ("Timeout", "MemorySize", "ReservedConcurrentExecutions"):
        if name in request:
            request[name] = int(request[name])
    if "Size" in (request.get("EphemeralStorage") or {}):
        request["EphemeralStorage"] = {"Size": int(request["EphemeralStorage"]["Size"])}
    if "KmsKeyArn" in request:
        request["KMSKeyArn"] = request.pop("KmsKeyArn")
    if "Tags" in request:
        request["Tags"] = _tags(request)
    return request


def _tags(props: dict) -> dict[str, str]:
    return {tag["Key"]: str(tag.get("Value", "")) for tag in props.get("Tags") or []}


def _create(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners
    name = props.get("FunctionName") or provisioners._physical_name(stack_name, logical_id, max_len=64)
    request = {**_request(props), "FunctionName": name, "PackageType": "Image"}
    request["LoggingConfig"] = _logging(props, name)
    answer = _answer(lambda_svc._create_function(request), "the function was refused")
    try:
        _reserve(name, props)
        _wait_until_active(name)
    except ValueError:
        lambda_svc._delete_function(name, {})
        raise
    return name, {"Arn": answer["FunctionArn"]}


def _update(physical_id: str, old: dict, new: dict) -> tuple[str, dict]:
    from ministack.services import lambda_svc
    request = _request(new)
    code = (new["Code"], new.get("Architectures"))
    if code != (old["Code"], old.get("Architectures")):
        _answer(lambda_svc._update_code(physical_id, {
            "ImageUri": new["Code"]["ImageUri"], "Architectures": new.get("Architectures") or ["x86_64"]}),
            "the function's image was refused")
    configuration = {**_DEFAULTS, **{k: v for k, v in request.items() if k not in _NOT_CONFIGURATION}}
    configuration["LoggingConfig"] = _logging(new, physical_id)
    answer = _answer(lambda_svc._update_config(physical_id, configuration), "the function's settings were refused")
    record = lambda_svc._functions[physical_id]
    record["tags"] = {k: v for k, v in record["tags"].items() if k not in _tags(old)} | _tags(new)
    _reserve(physical_id, new)
    _wait_until_active(physical_id)
    return physical_id, {"Arn": answer["FunctionArn"]}


def _logging(props: dict, name: str) -> dict:
    return {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}", **(props.get("LoggingConfig") or {})}


def _reserve(name: str, props: dict) -> None:
    from ministack.services import lambda_svc
    reserved = props.get("ReservedConcurrentExecutions")
    if reserved is None:
        lambda_svc._delete_function_concurrency(name)
    else:
        lambda_svc._put_function_concurrency(name, {"ReservedConcurrentExecutions": int(reserved)})


def _wait_until_active(name: str) -> None:
    from ministack.services import lambda_svc
    deadline = time.monotonic() + _ACTIVE_SECONDS
    while True:
        config = lambda_svc._functions[name]["config"]
        if config["State"] == "Active" and config["LastUpdateStatus"] == "Successful":
            return
        if time.monotonic() > deadline:
            raise ValueError(f"the function {name} is still {config['State']} after {_ACTIVE_SECONDS} s")
        time.sleep(0.05)


def _answer(response: Any, what: str) -> dict:
    status, _, body = response
    answer: dict = json.loads(body) if body else {}
    if status >= 400:
        raise ValueError(f"{what}: {answer.get('message') or answer.get('Message') or answer}")
    return answer


def _needs_function(handlers: dict, resource_type: str) -> None:
    """A permission for a function that does not exist is nothing to be silent about."""
    creating = handlers[resource_type]["create"]

    def create(logical_id: str, props: dict, stack_name: str) -> Any:
        from ministack.services.cloudformation import provisioners
        if provisioners._lambda_function_for_cfn_ref(props.get("FunctionName", ""))[0] is None:
            raise ValueError(f"Function not found: {props.get('FunctionName')}")
        for name in ("OnSuccess", "OnFailure"):
            destination = ((props.get("DestinationConfig") or {}).get(name) or {}).get("Destination") or ""
            if destination and destination.split(":")[2] not in ("sqs", "sns", "lambda"):
                raise ValueError(f"the local AWS sends what became of an event to queues, topics and functions, "
                                 f"not to {destination}")
        return creating(logical_id, props, stack_name)

    handlers[resource_type] = {**handlers[resource_type], "create": create}
