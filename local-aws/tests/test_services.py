"""ECS services with real containers: rolling, breaking, replacing, naming."""

import unittest
from typing import Optional

from botocore.exceptions import ClientError

from .exec_session import ExecSession
from .running import IMAGE, WithLocalAws, eventually, get, network, ref, service, task, template

# Ends on SIGTERM within a second, as the init process forwards it.
_STAYS = "echo up; trap 'echo down; exit 0' TERM; while :; do sleep 0.2; done"


class ServiceTest(WithLocalAws):
    environment = {"CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS": "4"}

    def setUp(self) -> None:
        self.ecs = self.client("ecs")

    def up(self, script: str = _STAYS, expect: str = "CREATE_COMPLETE", properties: dict | None = None,
           **container: object) -> None:
        self.deploy("S", template(network(), task(script, **container), service(**(properties or {})),
                                  Cluster=ref("Cluster"), Service=get("Service", "Name"), Logs=ref("Logs")), expect)

    def described(self) -> dict:
        return self.ecs.describe_services(cluster=self.out["Cluster"], services=[self.out["Service"]])["services"][0]

    @property
    def out(self) -> dict:
        stack = self.client("cloudformation").describe_stacks(StackName="S")["Stacks"][0]
        return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}

    def task(self) -> dict:
        arns = self.ecs.list_tasks(cluster=self.out["Cluster"])["taskArns"]
        return self.ecs.describe_tasks(cluster=self.out["Cluster"], tasks=arns)["tasks"][0] if arns else {}

    def resolve(self, name: str) -> str:
        network_name = next(n.name for n in self.docker.networks.list() if self.identity in n.name)
        try:
            output = self.docker.containers.run(IMAGE, ["getent", "hosts", name], network=network_name, remove=True)
        except Exception:
            return ""
        return output.decode().split()[0]

    def test_life_of_a_service(self) -> None:
        self.up()
        with self.subTest("the service says what the template says"):
            found = self.described()
            self.assertTrue(found["enableExecuteCommand"])
            self.assertEqual((0, 100), (found["deploymentConfiguration"]["minimumHealthyPercent"],
                                        found["deploymentConfiguration"]["maximumPercent"]))
            self.assertEqual({"enable": True, "rollback": True},
                             found["deploymentConfiguration"]["deploymentCircuitBreaker"])
            self.assertEqual("DISABLED", found["availabilityZoneRebalancing"])
            self.assertEqual(1, len(found["serviceRegistries"]))
            self.assertEqual(["COMPLETED"], [d["rolloutState"] for d in found["deployments"]])
            self.assertIn("has reached a steady state.", found["events"][0]["message"])
        with self.subTest("the container is found by its labels, and publishes nothing"):
            running = self.task()
            containers = self.containers(**{"cdk-vast.task-arn": running["taskArn"],
                                            "cdk-vast.container-name": "main",
                                            "cdk-vast.service": self.out["Service"]})
            self.assertEqual(1, len(containers))
            self.assertFalse(containers[0].ports)
        with self.subTest("the name is the task's own address"):
            details = {d["name"]: d["value"] for d in running["attachments"][0]["details"]}
            self.assertEqual(details["privateIPv4Address"], self.resolve("server.tried.internal"))
            instances = self.client("servicediscovery").discover_instances(
                NamespaceName="tried.internal", ServiceName="server")["Instances"]
            self.assertEqual([details["privateIPv4Address"]], [i["Attributes"]["AWS_INSTANCE_IPV4"] for i in instances])
        with self.subTest("a command runs in it, and what it says is in the container's log group"):
            eventually(lambda: self.task()["containers"][0]["managedAgents"][0]["lastStatus"] == "RUNNING")
            session = self.ecs.execute_command(cluster=self.out["Cluster"], task=running["taskArn"], interactive=True,
                                               command="echo from within")["session"]
            self.assertEqual(b"from within\r\n", ExecSession(session).run_to_end())

            def logged() -> list[str]:
                try:
                    return [e["message"] for e in self.client("logs").get_log_events(
                        logGroupName=self.out["Logs"], logStreamName=session["sessionId"])["events"]]
                except ClientError:
                    return []

            eventually(lambda: logged() == ["from within"])
        with self.subTest("a task that died is replaced"):
            containers[0].kill()

            def replaced() -> Optional[dict]:
                # One look at a time: between two there may be no task at all.
                task = self.task()
                return task if task and task["taskArn"] != running["taskArn"] and task["lastStatus"] == "RUNNING" else None

            fresh = eventually(replaced)
            gone = self.ecs.describe_tasks(cluster=self.out["Cluster"], tasks=[running["taskArn"]])["tasks"][0]
            self.assertEqual(("STOPPED", "EssentialContainerExited", 137),
                             (gone["lastStatus"], gone["stopCode"], gone["containers"][0]["exitCode"]))
        with self.subTest("an update starts the successor while the predecessor is still stopping"):
            self.ecs.update_service(cluster=self.out["Cluster"], service=self.out["Service"], forceNewDeployment=True)
            eventually(lambda: len(self.containers(**{"cdk-vast.service": self.out["Service"]})) == 2,
                       why="there never were two containers")
            old = self.ecs.describe_tasks(cluster=self.out["Cluster"], tasks=[fresh["taskArn"]])["tasks"][0]
            self.assertEqual("STOPPED", old["desiredStatus"])
            self.assertNotEqual("RUNNING", old["lastStatus"])
            eventually(lambda: self.described()["deployments"][0]["rolloutState"] == "COMPLETED")
            newest = self.task()
            details = {d["name"]: d["value"] for d in newest["attachments"][0]["details"]}
            self.assertEqual(details["privateIPv4Address"], self.resolve("server.tried.internal"),
                             "the name has left the task that is stopping")
            eventually(lambda: len(self.containers(**{"cdk-vast.service": self.out["Service"]})) == 1)
        with self.subTest("an update keeps a desired count that the template leaves out"):
            self.ecs.update_service(cluster=self.out["Cluster"], service=self.out["Service"], desiredCount=0)
            eventually(lambda: not self.containers(**{"cdk-vast.service": self.out["Service"]}))
            self.up("echo two;" + _STAYS, "UPDATE_COMPLETE")
            self.assertEqual(0, self.described()["desiredCount"])
            self.assertEqual([], self.containers(**{"cdk-vast.service": self.out["Service"]}))
            self.assertEqual("", self.resolve("server.tried.internal"))
            self.ecs.update_service(cluster=self.out["Cluster"], service=self.out["Service"], desiredCount=1)
            eventually(lambda: self.described()["runningCount"] == 1)
        with self.subTest("a desired count in the template wins at every update"):
            self.up("echo three;" + _STAYS, "UPDATE_COMPLETE", {"DesiredCount": 2})
            self.assertEqual(2, self.described()["runningCount"])
            self.up("echo four;" + _STAYS, "UPDATE_COMPLETE", {"DesiredCount": 1})
            self.assertEqual(1, self.described()["runningCount"])
        with self.subTest("a deployment that fails is rolled back, and says why"):
            before = self.described()["taskDefinition"]
            self.up("echo broken; exit 9", "UPDATE_ROLLBACK_COMPLETE")
            self.assertIn("Circuit Breaker", self.failures("S"))
            self.assertIn("exit code 9, last output: broken", self.failures("S"))
            self.assertEqual(before, self.described()["taskDefinition"])
            eventually(lambda: self.described()["runningCount"] == 1)
        with self.subTest("an unhealthy task is killed"):
            self.up("touch /well;" + _STAYS, "UPDATE_COMPLETE", HealthCheck={
                "Command": ["CMD-SHELL", "test -e /well"], "Interval": 5, "Retries": 1, "Timeout": 2})
            sick = self.task()
            self.assertEqual("HEALTHY", sick["healthStatus"])
            self.containers(**{"cdk-vast.task-arn": sick["taskArn"]})[0].exec_run(["rm", "/well"])
            eventually(lambda: self.task().get("taskArn", sick["taskArn"]) != sick["taskArn"])
            told = self.ecs.describe_tasks(cluster=self.out["Cluster"], tasks=[sick["taskArn"]])["tasks"][0]
            self.assertEqual("Task failed container health checks", told["stoppedReason"])
        with self.subTest("nothing is left of a deleted stack"):
            self.destroy("S")
            self.assertEqual([], self.containers())
            self.assertFalse([n.name for n in self.docker.networks.list() if self.identity in n.name])

    def test_a_first_deployment_that_fails_leaves_nothing(self) -> None:
        self.deploy("F", template(network(), task("true", Image="tenzir/vast:v3.1.0"), service()), "ROLLBACK_COMPLETE")
        self.assertIn("CannotPullContainerError", self.failures("F"))
        self.assertEqual([], self.containers())


if __name__ == "__main__":
    unittest.main()
