"""A function for tests: its image, made without a registry, and the template that deploys it."""

import io
import tarfile
from pathlib import Path
from typing import Any

import docker

from .running import IMAGE, get, ref

NAME = "cdk-vast.local/test-function:1"
_DOCKERFILE = f"""FROM {IMAGE}
COPY runtime.pl /runtime.pl
ENTRYPOINT ["perl", "/runtime.pl"]
WORKDIR /var
"""
_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def build_image(client: docker.DockerClient) -> str:
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, content in (("Dockerfile", _DOCKERFILE.encode()),
                              ("runtime.pl", Path(__file__).with_name("runtime.pl").read_bytes())):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, tag=NAME, rm=True)
    return NAME


def function(network: bool = False, **properties: Any) -> dict[str, dict]:
    settings: dict[str, Any] = {
        "PackageType": "Image", "Code": {"ImageUri": NAME}, "Role": get("Role", "Arn"), "MemorySize": 256,
        "Timeout": 10, "LoggingConfig": {"LogGroup": ref("FunctionLogs")}, **properties}
    if network:
        settings["VpcConfig"] = {"SubnetIds": [ref("Subnet")], "SecurityGroupIds": [get("Client", "GroupId")]}
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": _TRUST,
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]}},
        "FunctionLogs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": settings},
    }
