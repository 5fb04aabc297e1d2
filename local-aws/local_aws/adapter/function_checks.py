"""What a function may say of itself here: AWS's own limits, and what the local AWS can do."""

import json
from typing import Any, Iterator, Optional

_KNOWN: dict[str, Optional[set[str]]] = {
    "FunctionName": None, "Description": None, "PackageType": None, "Role": None, "Architectures": None,
    "MemorySize": None, "Timeout": None, "Tags": None, "Publish": None, "KMSKeyArn": None, "RevisionId": None,
    "DryRun": None, "ReservedConcurrentExecutions": None,
    "Code": {"ImageUri"},
    "Environment": {"Variables"},
    "EphemeralStorage": {"Size"},
    "VpcConfig": {"SubnetIds", "SecurityGroupIds"},
    "DeadLetterConfig": {"TargetArn"},
    "LoggingConfig": {"LogGroup", "LogFormat"},
    "TracingConfig": {"Mode"},
    "ImageConfig": {"EntryPoint", "Command", "WorkingDirectory"},
}
_RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
}
_ENVIRONMENT_BYTES = 4096


def problems_of(request: dict) -> Iterator[str]:
    """Sentences about what AWS would refuse, or this local AWS cannot do."""
    yield from _unknown(request)
    for path, low, high, value in (
            ("timeout", 1, 900, request.get("Timeout")),
            ("memorySize", 128, 10240, request.get("MemorySize")),
            ("ephemeralStorage.size", 512, 10240, (request.get("EphemeralStorage") or {}).get("Size"))):
        if value is not None and not low <= int(value) <= high:
            bound = f"greater than or equal to {low}" if int(value) < low else f"less than or equal to {high}"
            yield (f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: Member "
                   f"must have value {bound}")
    yield from _environment_problems((request.get("Environment") or {}).get("Variables") or {})
    yield from _network_problems(request.get("VpcConfig") or {}, request.get("Role"))


def _unknown(request: dict) -> Iterator[str]:
    for name, value in request.items():
        # Tools send empty lists and nulls for what they do not use.
        if value in (None, "", [], {}, False):
            continue
        if name not in _KNOWN:
            yield f"a function with {name} is not simulated by the local AWS; leave it out, or deploy to AWS"
        elif members := _KNOWN[name]:
            for member, inner in value.items():
                if member not in members and inner not in (None, "", [], {}, False):
                    yield (f"a function with {name}.{member} is not simulated by the local AWS; leave it out, or "
                           "deploy to AWS")
    if (request.get("LoggingConfig") or {}).get("LogFormat", "Text") != "Text":
        yield "a function that logs as JSON is not simulated by the local AWS; use the log format Text"
    if (request.get("TracingConfig") or {}).get("Mode", "PassThrough") != "PassThrough":
        yield "tracing is not simulated by the local AWS; leave it out, or deploy to AWS"
    architectures = request.get("Architectures")
    if architectures is not None and (len(architectures) != 1 or architectures[0] not in ("x86_64", "arm64")):
        yield f"a function has one of the architectures x86_64 and arm64, not {json.dumps(architectures)}"


def _environment_problems(variables: dict[str, Any]) -> Iterator[str]:
    reserved = sorted(_RESERVED & set(variables))
    if reserved:
        yield ("Lambda was unable to configure your environment variables because the environment variables you have "
               "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
               f"in this request: {', '.join(reserved)}")
    size = len(json.dumps(variables, separators=(",", ":"), ensure_ascii=False).encode())
    if size > _ENVIRONMENT_BYTES:
        yield ("Lambda was unable to configure your environment variables because the environment variables you have "
               f"provided exceeded the 4KB limit. String measured: {size} bytes")


def _network_problems(configuration: dict, role: Optional[str]) -> Iterator[str]:
    from ministack.services import ec2
    subnets, groups = configuration.get("SubnetIds") or [], configuration.get("SecurityGroupIds") or []
    if not subnets and not groups:
        return
    if not subnets or not groups:
        yield "SecurityGroupIds and SubnetIds must be given together: both of them, or neither"
        return
    ec2._ensure_defaults_initialized()
    vpcs = set()
    for what, ids, store in (("subnet", subnets, ec2._subnets), ("security group", groups, ec2._security_groups)):
        for one in ids:
            if one not in store:
                yield f"Error occurred while DescribeSubnets: The {what} ID '{one}' does not exist"
                return
            vpcs.add(store[one]["VpcId"])
    if len(vpcs) != 1:
        yield f"the subnets and security groups of a function are of one VPC; these are of {', '.join(sorted(vpcs))}"
    # On AWS this is what a function meets that is made before its role's policy.
    if role and not _may(role, "ec2:CreateNetworkInterface"):
        yield "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"


def role_problem(role: Optional[str]) -> Optional[str]:
    from ministack.services import iam
    name = (role or "").rsplit("/", 1)[-1]
    found = iam._roles.get(name)
    trust = found and json.dumps(found["AssumeRolePolicyDocument"])
    if not trust or "lambda.amazonaws.com" not in trust:
        return "The role defined for the function cannot be assumed by Lambda."
    return None


def _may(role: str, action: str) -> bool:
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], get_account_id())
    return any(statement.effect == "Allow" and iam_evaluator._action_matches(
        action, statement.actions, statement.not_actions) for policy in policies for statement in policy)
