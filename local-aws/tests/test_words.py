"""Pure functions: names, conversions, refusals. Needs no Docker."""

import unittest

from botocore.eventstream import EventStreamBuffer

from local_aws import engine_image
from local_aws.adapter import (cloudformation_buckets, cloudformation_contract, cloudformation_ecs, ecs_api,
                               event_stream, function_checks, invocation, security_groups, task_definitions,
                               task_logs)
from local_aws.adapter.runtime_session import RuntimeSession


class WordsTest(unittest.TestCase):
    def test_official_engine_images(self) -> None:
        for name, expected in (("tenzir/tenzir:v6.20.0", ("tenzir/tenzir", "v6.20.0")),
                               ("ghcr.io/tenzir/tenzir-node:v5.1.0", ("tenzir/tenzir-node", "v5.1.0")),
                               ("docker.io/tenzir/tenzir:v6.0.0", ("tenzir/tenzir", "v6.0.0")),
                               ("tenzir/tenzir:latest", None), ("tenzir/vast:v3.1.0", None),
                               ("example.com/tenzir/tenzir:v6.20.0", None)):
            self.assertEqual(expected, engine_image.official(name), name)

    def test_cloudformation_becomes_the_api(self) -> None:
        self.assertEqual(
            {"volumes": [{"name": "v", "efsVolumeConfiguration": {
                "fileSystemId": "fs-1", "authorizationConfig": {"accessPointId": "a", "iam": "ENABLED"}}}],
             "containerDefinitions": [{"dockerLabels": {"Kept": "As is"}, "logConfiguration": {
                 "logDriver": "awslogs", "options": {"awslogs-group": "G"}}}],
             "desiredCount": 2},
            cloudformation_ecs.to_api({
                "Volumes": [{"Name": "v", "EFSVolumeConfiguration": {
                    "FilesystemId": "fs-1", "AuthorizationConfig": {"AccessPointId": "a", "IAM": "ENABLED"}}}],
                "ContainerDefinitions": [{"DockerLabels": {"Kept": "As is"}, "LogConfiguration": {
                    "LogDriver": "awslogs", "Options": {"awslogs-group": "G"}}}],
                "DesiredCount": "2"}))

    def test_lifecycle_rules_of_a_bucket(self) -> None:
        rules = cloudformation_buckets.lifecycle_of({"LifecycleConfiguration": {"Rules": [
            {"Id": "r", "Status": "Enabled", "ExpirationInDays": 7, "Prefix": "a/",
             "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]}}).decode()
        self.assertIn("<Filter><Prefix>a/</Prefix></Filter><ID>r</ID><Status>Enabled</Status>"
                      "<Expiration><Days>7</Days></Expiration>", rules)
        self.assertIn("<DaysAfterInitiation>1</DaysAfterInitiation>", rules)
        self.assertEqual(b"", cloudformation_buckets.lifecycle_of({}))
        with self.assertRaisesRegex(ValueError, "'Transitions', which the local AWS does not simulate"):
            cloudformation_buckets.lifecycle_of({"LifecycleConfiguration": {"Rules": [
                {"Status": "Enabled", "Transitions": [{"StorageClass": "GLACIER"}]}]}})

    def test_overrides_of_a_task(self) -> None:
        definition = {"containerDefinitions": [{"name": "c", "image": "i"}]}
        for overrides, words in (
                ({}, None), ({"containerOverrides": [{"name": "c", "command": ["x"], "environment": []}]}, None),
                ({"containerOverrides": [{"name": "c", "cpu": None}]}, None),
                ({"containerOverrides": [{"name": "d"}]}, "container named d is not a container"),
                ({"containerOverrides": [{"name": "c", "memory": 5}]}, "containerOverrides.memory is not simulated"),
                ({"taskRoleArn": "arn:x"}, "overrides.taskRoleArn is not simulated")):
            with self.subTest(overrides):
                refusal = ecs_api.override_refusal(definition, overrides)
                self.assertEqual(words is None, refusal is None, refusal)
                self.assertIn(words or "", refusal or "")

    def test_refusals(self) -> None:
        container = {"name": "c", "image": "i"}
        for change, words in (({"stopTimeout": 300}, "stopTimeout is 300"),
                              ({"mountPoints": [{"sourceVolume": "x"}]}, "mounts 'x', which is not a volume"),
                              ({"logConfiguration": {"logDriver": "splunk"}}, "logs with 'splunk'"),
                              ({"environmentFiles": [{"value": "f"}]}, "'environmentFiles', which the local AWS")):
            problems = list(task_definitions.problems_of({"containerDefinitions": [{**container, **change}]}))
            self.assertEqual(1, len(problems), problems)
            self.assertIn(words, problems[0])
        self.assertEqual([], list(task_definitions.problems_of({"containerDefinitions": [
            {**container, "volumesFrom": [], "dependsOn": None}]})))

    def test_log_lines(self) -> None:
        stamp = b"2026-01-02T03:04:05.678901234Z "
        self.assertEqual([(1767323045678, "one"), (1767323045678, "two three"), (1767323045678, "four")],
                         list(task_logs._lines(iter([stamp + b"one\n", stamp + b"two ", stamp + b"three\n" + stamp
                                                     + b"\n", stamp + b"four"]))))

    def test_what_a_function_may_not_say(self) -> None:
        for change, words in (
                ({"Layers": ["l"]}, "Layers is not simulated"), ({"Timeout": 901}, "less than or equal to 900"),
                ({"MemorySize": 64}, "greater than or equal to 128"),
                ({"EphemeralStorage": {"Size": 11000}}, "less than or equal to 10240"),
                ({"LoggingConfig": {"LogFormat": "JSON"}}, "use the log format Text"),
                ({"LoggingConfig": {"SystemLogLevel": "WARN"}}, "LoggingConfig.SystemLogLevel is not simulated"),
                ({"TracingConfig": {"Mode": "Active"}}, "tracing is not simulated"),
                ({"VpcConfig": {"SubnetIds": ["s"]}}, "must be given together"),
                ({"Environment": {"Variables": {"AWS_REGION": "r"}}}, "Reserved keys used in this request: AWS_REGION"),
                ({"Environment": {"Variables": {"LONG": "x" * 4096}}}, "exceeded the 4KB limit"),
                ({"Architectures": ["x86_64", "arm64"]}, "one of the architectures")):
            problems = list(function_checks.problems_of({"Code": {"ImageUri": "i"}, **change}))
            self.assertEqual(1, len(problems), problems)
            self.assertIn(words, problems[0])
        image = {"Code": {"ImageUri": "i"}}
        for kind, props, name in (("AWS::Lambda::Function", {**image, "FileSystemConfigs": ["f"]}, "FileSystemConfigs"),
                                  ("AWS::SQS::Queue", {"Unknown": 1}, "Unknown"),
                                  ("AWS::S3::Bucket", {"ObjectLockEnabled": True}, "ObjectLockEnabled"),
                                  ("AWS::Lambda::EventInvokeConfig", {"Else": 1}, "Else")):
            with self.assertRaisesRegex(ValueError, f"{kind} has the property {name}, which"):
                cloudformation_contract.check(kind, props)
        cloudformation_contract.check("AWS::Lambda::Function", {"Code": {"ZipFile": "z"}, "Layers": ["l"]})

    def test_events_of_a_stream_are_what_clients_read(self) -> None:
        buffer = EventStreamBuffer()
        buffer.add_data(event_stream.event("PayloadChunk", "application/octet-stream", b"\0data")
                        + event_stream.event("InvokeComplete", "application/json", b"{}"))
        found = list(buffer)
        self.assertEqual([b"\0data", b"{}"], [e.payload for e in found])
        self.assertEqual({":event-type": "PayloadChunk", ":content-type": "application/octet-stream",
                          ":message-type": "event"}, found[0].headers)

    def test_ports_that_two_groups_admit(self) -> None:
        from ministack.services import ec2
        anywhere = [{"CidrIp": "0.0.0.0/0"}]
        groups = {
            "client": {"IpPermissionsEgress": [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 90, "IpRanges": anywhere}]},
            "server": {"IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 100, "UserIdGroupPairs": [{"GroupId": "client"}]},
                {"IpProtocol": "tcp", "FromPort": 5, "ToPort": 5, "IpRanges": [{"CidrIp": "10.0.0.0/24"}]},
                {"IpProtocol": "tcp", "FromPort": 7, "ToPort": 7, "IpRanges": [{"CidrIp": "10.9.0.0/24"}]}]},
        }
        for name, group in groups.items():
            ec2._security_groups[name] = group
        try:
            self.assertEqual([(5, 5), (80, 90)], security_groups.admitted(
                ["client"], "10.0.0.0/28", ["server"], "10.0.0.9", "tcp"))
            self.assertEqual([], security_groups.admitted(["client"], "10.0.0.0/28", ["server"], "10.0.0.9", "udp"))
        finally:
            for name in groups:
                ec2._security_groups.pop(name, None)

    def test_the_first_word_about_an_invocation_counts(self) -> None:
        one = invocation.Invocation("r", b"{}", "arn", invocation.BufferedResponse())
        session = RuntimeSession()
        session.offer(one)
        self.assertIs(one, session.next())
        self.assertTrue(session.is_answering())
        self.assertIsNone(session.current("another"))
        self.assertIs(one, session.current("r"))
        one.settle(None)
        one.settle(invocation.timed_out("r", 3))
        self.assertEqual((None, None, False), (one.failure, session.current("r"), session.is_answering()))
        session.ended("over")
        self.assertIsNone(session.next())
