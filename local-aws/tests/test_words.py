"""Pure functions: names, conversions, refusals. Needs no Docker."""

import unittest

from local_aws import engine_image
from local_aws.adapter import cloudformation_ecs, task_definitions, task_logs


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
