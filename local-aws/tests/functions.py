"""Functions for tests: an image made without a registry, a template, and the few words to invoke with."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any, Optional

import docker

from .running import IMAGE, WithLocalAws, eventually, get, ref

NAME = "cdk-vast.local/test-function:1"
_DOCKERFILE = f"""FROM {IMAGE}
COPY runtime.pl /runtime.pl
ENTRYPOINT ["perl", "/runtime.pl"]
WORKDIR /var
"""
_TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def build_image(client: docker.DockerClient) -> None:
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, content in (("Dockerfile", _DOCKERFILE.encode()),
                              ("runtime.pl", Path(__file__).with_name("runtime.pl").read_bytes())):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, tag=NAME, rm=True)


def function(network: bool = False, **properties: Any) -> dict[str, dict]:
    settings: dict[str, Any] = {
        "PackageType": "Image", "Code": {"ImageUri": NAME}, "Role": get("Role", "Arn"), "MemorySize": 512,
        "Timeout": 5, "LoggingConfig": {"LogGroup": ref("FunctionLogs")}, **properties}
    if network:
        settings["VpcConfig"] = {"SubnetIds": [ref("Subnet")], "SecurityGroupIds": [get("Client", "GroupId")]}
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": _TRUST,
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"]}},
        "FunctionLogs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": settings},
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Asynchronous": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {
            "FunctionName": ref("Function"), "Qualifier": "$LATEST", "MaximumRetryAttempts": 0}},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
    }


OUTPUTS = {"Name": ref("Function"), "Logs": ref("FunctionLogs"), "Dead": ref("Dead"), "Bucket": ref("Bucket")}


class WithFunctions(WithLocalAws):
    """Each class deploys one stack with a function, and its tests invoke it."""

    out: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        build_image(cls.docker)
        cls.out = cls("deploy").deploy("F", cls.template())
        cls.aws = cls.client("lambda")

    @classmethod
    def template(cls) -> dict:
        raise NotImplementedError

    def invoke(self, command: str = "", name: Optional[str] = None, **more: Any) -> dict:
        """The answer with its payload read; `as_` says how the runtime answers."""
        event = {"sh": command, "as": more.pop("as_", "response")}
        answer = self.aws.invoke(FunctionName=name or self.out["Name"], Payload=json.dumps(event), **more)
        answer["Payload"] = answer["Payload"].read()
        return answer

    def output(self, command: str, **more: Any) -> list[str]:
        answer = self.invoke(command, **more)
        self.assertNotIn("FunctionError", answer, answer["Payload"])
        return answer["Payload"].decode().splitlines()

    def error(self, command: str = "", **more: Any) -> dict:
        answer = self.invoke(command, **more)
        self.assertEqual("Unhandled", answer.get("FunctionError"), answer["Payload"][:100])
        return json.loads(answer["Payload"])

    def stream(self, command: str, as_: str = "stream") -> tuple[list[bytes], dict]:
        """The chunks and what came last."""
        stream = self.aws.invoke_with_response_stream(
            FunctionName=self.out["Name"], Payload=json.dumps({"sh": command, "as": as_}))["EventStream"]
        events = list(stream)
        return [e["PayloadChunk"]["Payload"] for e in events[:-1]], events[-1]["InvokeComplete"]

    def configure(self, **settings: Any) -> None:
        self.aws.update_function_configuration(FunctionName=self.out["Name"], **settings)
        eventually(lambda: self.aws.get_function_configuration(
            FunctionName=self.out["Name"])["LastUpdateStatus"] == "Successful")

    def logged(self) -> list[str]:
        return [e["message"].rstrip("\n") for e in self.client("logs").filter_log_events(
            logGroupName=self.out["Logs"])["events"]]

    def environments(self) -> list:
        return self.containers(**{"cdk-vast.function": self.out["Name"]})

    def inside(self, command: str) -> bool:
        """Runs a command in every environment that is at work; whether it has succeeded in one."""
        return any([environment.status == "running" and self.inside_one(environment, command)
                    for environment in self.environments()])

    @staticmethod
    def inside_one(environment: Any, command: str) -> bool:
        """Runs a command in an environment; whether it has succeeded."""
        try:
            return bool(environment.exec_run(["sh", "-c", command]).exit_code == 0)
        except docker.errors.APIError:
            # It has been paused, or removed, meanwhile.
            return False
