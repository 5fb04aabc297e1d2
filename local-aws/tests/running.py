"""A local AWS of the tests' own, and the few words in which tests speak to it."""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Callable, Optional

import botocore.session
import docker
from botocore.config import Config

from local_aws import engine_image, virtual_environment
from local_aws.labels import INSTANCE_ID
from local_aws.say import say

CTL = Path(__file__).resolve().parent.parent / "local_aws_ctl.py"
# perl and sh, and no container registry needed.
IMAGE = engine_image.BASE


def control(home: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(CTL), *arguments], capture_output=True, text=True,
                          env={**os.environ, "CDK_VAST_LOCAL_AWS_HOME": home, **environment})


def eventually(what: Callable[[], Any], seconds: float = 30, why: str = "it did not come true in time") -> Any:
    """The first true answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(why)
        time.sleep(0.1)


class WithLocalAws(unittest.TestCase):
    """Starts one instance for the class; `environment` sets its switches."""

    environment: dict[str, str] = {}
    home: str
    env: dict[str, str]

    @classmethod
    def setUpClass(cls) -> None:
        engine_image.ensure_base(say)
        virtual_environment.ensure()
        cls._directory = tempfile.TemporaryDirectory(prefix="local-aws-test-")
        cls.home = cls._directory.name
        cls.name = "test"
        done = control(cls.home, "start", "--name", cls.name, "--json", **cls.environment)
        assert done.returncode == 0, done.stderr
        cls.answer = json.loads(done.stdout)
        cls.identity = (Path(cls.answer["stateDir"]) / "id").read_text()
        cls.docker = docker.from_env()

    @classmethod
    def tearDownClass(cls) -> None:
        done = control(cls.home, "stop", "--name", cls.name)
        assert done.returncode == 0, done.stderr
        cls.docker.close()
        cls._directory.cleanup()

    @classmethod
    def client(cls, service: str, endpoint: Optional[str] = None) -> Any:
        session = botocore.session.Session()
        # Cloud Map's data calls go to a host of their own name on AWS.
        return session.create_client(service, region_name="us-east-1", endpoint_url=endpoint or cls.answer["endpoint"],
                                     aws_access_key_id="000000000000", aws_secret_access_key="local",
                                     config=Config(retries={"max_attempts": 1}, inject_host_prefix=False))

    @classmethod
    def secret(cls) -> str:
        return (Path(cls.answer["stateDir"]) / "secret").read_text()

    def containers(self, **labels: str) -> list:
        filters = [f"{INSTANCE_ID}={self.identity}"] + [f"{k}={v}" for k, v in labels.items()]
        return self.docker.containers.list(filters={"label": filters})

    def deploy(self, name: str, template: dict, expect: str = "CREATE_COMPLETE", seconds: float = 90) -> dict[str, str]:
        """Creates or updates a stack; returns its outputs."""
        formation = self.client("cloudformation")
        exists = any(s["StackName"] == name and s["StackStatus"] != "DELETE_COMPLETE"
                     for s in formation.list_stacks()["StackSummaries"])
        act = formation.update_stack if exists else formation.create_stack
        act(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])

        def ended() -> Optional[dict]:
            stack = formation.describe_stacks(StackName=name)["Stacks"][0]
            return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

        stack = eventually(ended, seconds, f"{name} is still in progress")
        self.assertEqual(expect, stack["StackStatus"], self.failures(name))
        return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}

    def failures(self, name: str) -> str:
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return "\n".join(e.get("ResourceStatusReason", "") for e in events if "FAILED" in e["ResourceStatus"])

    def destroy(self, name: str) -> None:
        formation = self.client("cloudformation")
        formation.delete_stack(StackName=name)
        status = [s["StackStatus"] for s in formation.list_stacks()["StackSummaries"] if s["StackName"] == name][0]
        self.assertIn(status, ("DELETE_IN_PROGRESS", "DELETE_COMPLETE"), "the deletion shows at once")
        eventually(lambda: [s for s in formation.list_stacks()["StackSummaries"]
                            if s["StackName"] == name and s["StackStatus"] == "DELETE_COMPLETE"],
                   60, self.failures(name))


def ref(name: str) -> dict:
    return {"Ref": name}


def get(name: str, attribute: str) -> dict:
    return {"Fn::GetAtt": [name, attribute]}


def network() -> dict[str, dict]:
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.213.7.0/24"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {
            "VpcId": ref("Vpc"), "CidrBlock": "10.213.7.0/28", "AvailabilityZone": "us-east-1a"}},
        "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("Vpc")}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
            "GroupDescription": "g", "VpcId": ref("Vpc"), "SecurityGroupIngress": [{
                "IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "CidrIp": get("Vpc", "CidrBlock")}]}},
    }


def storage(policy: str = "Delete") -> dict[str, dict]:
    return {
        "Fs": {"Type": "AWS::EFS::FileSystem", "DeletionPolicy": policy, "UpdateReplacePolicy": policy,
               "Properties": {"Encrypted": True, "ThroughputMode": "elastic", "BackupPolicy": {"Status": "ENABLED"}}},
        "Target": {"Type": "AWS::EFS::MountTarget", "Properties": {
            "FileSystemId": ref("Fs"), "SubnetId": ref("Subnet"), "SecurityGroups": [get("Group", "GroupId")]}},
        "Point": access_point(ref("Fs")),
    }


def access_point(file_system: Any, path: str = "/deep/state") -> dict:
    return {"Type": "AWS::EFS::AccessPoint", "DependsOn": "Target", "Properties": {
        "FileSystemId": file_system, "PosixUser": {"Uid": "1234", "Gid": "1235"},
        "RootDirectory": {"Path": path, "CreationInfo": {
            "OwnerUid": "1234", "OwnerGid": "1235", "Permissions": "750"}}}}


def task(script: str, volume: bool = False, **container: Any) -> dict[str, dict]:
    definition: dict[str, Any] = {
        "Family": "tried", "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "ContainerDefinitions": [{
            "Name": "main", "Image": IMAGE, "Essential": True, "EntryPoint": ["sh", "-c", script], "StopTimeout": 5,
            "LinuxParameters": {"InitProcessEnabled": True},
            "LogConfiguration": {"LogDriver": "awslogs", "Options": {
                "awslogs-group": ref("Logs"), "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}},
            **container}],
    }
    if volume:
        definition["ContainerDefinitions"][0]["MountPoints"] = [
            {"SourceVolume": "state", "ContainerPath": "/state", "ReadOnly": False}]
        definition["Volumes"] = [{"Name": "state", "EFSVolumeConfiguration": {
            "FilesystemId": ref("Fs"), "TransitEncryption": "ENABLED",
            "AuthorizationConfig": {"AccessPointId": ref("Point"), "IAM": "ENABLED"}}}]
    return {
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {}},
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": definition},
    }


def service(**properties: Any) -> dict[str, dict]:
    return {
        "Names": {"Type": "AWS::ServiceDiscovery::PrivateDnsNamespace", "Properties": {
            "Name": "tried.internal", "Vpc": ref("Vpc"), "Properties": {"DnsProperties": {"SOA": {"TTL": 10}}}}},
        "Name": {"Type": "AWS::ServiceDiscovery::Service", "Properties": {
            "Name": "server", "NamespaceId": get("Names", "Id"), "HealthCheckCustomConfig": {"FailureThreshold": 1},
            "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 10}], "NamespaceId": get("Names", "Id")}}},
        "Service": {"Type": "AWS::ECS::Service", "Properties": {
            "Cluster": ref("Cluster"), "TaskDefinition": ref("Task"), "LaunchType": "FARGATE",
            "EnableExecuteCommand": True, "AvailabilityZoneRebalancing": "DISABLED",
            "DeploymentConfiguration": {
                "MinimumHealthyPercent": 0, "MaximumPercent": 100,
                "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
            "NetworkConfiguration": {"AwsvpcConfiguration": {
                "AssignPublicIp": "DISABLED", "Subnets": [ref("Subnet")], "SecurityGroups": [get("Group", "GroupId")]}},
            "ServiceRegistries": [{"RegistryArn": get("Name", "Arn")}], **properties}},
    }


def template(*parts: dict[str, dict], **outputs: Any) -> dict:
    resources: dict[str, dict] = {}
    for part in parts:
        resources.update(part)
    return {"Resources": resources, "Outputs": {k: {"Value": v} for k, v in outputs.items()}}
