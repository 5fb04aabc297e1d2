"""ECS Exec: commands in the containers of tasks."""

import json
import subprocess
import urllib.request
from typing import Any

from botocore.exceptions import ClientError

from .exec_session import ExecSession
from .running import IMAGE, WithLocalAws, control, eventually, get, network, ref, template


class WithTask(WithLocalAws):
    """One task with two containers, in one cluster."""

    environment = {"CDK_VAST_LOCAL_AWS_EXEC_AGENT_SECONDS": "0.5"}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        case = cls()
        cls.out = case.deploy("E", template(network(), {
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"Configuration": {
                "ExecuteCommandConfiguration": {"Logging": "NONE"}}}},
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}},
        }, Subnet=ref("Subnet"), Group=get("Group", "GroupId"), Cluster=ref("Cluster"), Logs=ref("Logs"),
            Bucket=ref("Bucket")))
        cls.ecs = cls.client("ecs")
        cls.task = case.run_task()
        case.wait_for_agents(cls.task)

    def runTest(self) -> None:
        """Lets the class itself deploy."""

    def run_task(self, enabled: bool = True, **main: Any) -> str:
        containers = [
            {"name": "main", "image": IMAGE, "entryPoint": ["sleep", "1000"], "workingDirectory": "/var",
             "environment": [{"name": "COLOUR", "value": "blue"}],
             "linuxParameters": {"initProcessEnabled": True}, **main},
            {"name": "side", "image": IMAGE, "entryPoint": ["sleep", "1000"], "stopTimeout": 2},
        ]
        arn = self.ecs.register_task_definition(
            family="exec", cpu="256", memory="512", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            containerDefinitions=containers)["taskDefinition"]["taskDefinitionArn"]
        return self.ecs.run_task(
            cluster=self.out["Cluster"], taskDefinition=arn, launchType="FARGATE", enableExecuteCommand=enabled,
            networkConfiguration={"awsvpcConfiguration": {
                "subnets": [self.out["Subnet"]], "securityGroups": [self.out["Group"]]}})["tasks"][0]["taskArn"]

    def described(self, arn: str) -> dict:
        return self.ecs.describe_tasks(cluster=self.out["Cluster"], tasks=[arn])["tasks"][0]

    def agents(self, arn: str) -> dict[str, str]:
        return {c["name"]: c["managedAgents"][0]["lastStatus"] for c in self.described(arn)["containers"]}

    def wait_for_agents(self, arn: str) -> None:
        eventually(lambda: set(self.agents(arn).values()) == {"RUNNING"})

    def execute(self, command: str, task: str = "", **more: Any) -> dict:
        return self.ecs.execute_command(cluster=self.out["Cluster"], task=task or self.task, command=command,
                                        **{"container": "main", "interactive": True, **more})

    def session(self, command: str, **more: Any) -> ExecSession:
        return ExecSession(self.execute(command, **more)["session"])

    def refused(self, code: str, message: str, *arguments: Any, **more: Any) -> None:
        with self.assertRaises(ClientError) as caught:
            self.execute(*arguments, **more)
        self.assertEqual(code, caught.exception.response["Error"]["Code"])
        self.assertRegex(caught.exception.response["Error"]["Message"], message)

    def switch(self, **switches: Any) -> None:
        request = urllib.request.Request(f"{self.answer['endpoint']}/_cdk_vast/exec", json.dumps(switches).encode(),
                                         {"Authorization": f"Bearer {self.secret()}"}, method="PUT")
        urllib.request.urlopen(request).close()
        if switches:
            self.addCleanup(self.switch)

    def configure(self, **configuration: Any) -> None:
        self.ecs.update_cluster(cluster=self.out["Cluster"],
                                configuration={"executeCommandConfiguration": configuration})
        if configuration != {"logging": "NONE"}:
            self.addCleanup(self.configure, logging="NONE")

    def processes(self, argument: str) -> list[str]:
        """The processes of the containers that have this argument."""
        return [" ".join(row) for c in self.containers(**{"cdk-vast.task-arn": self.task})
                for row in c.top()["Processes"] if argument in " ".join(row)]


class ExecTest(WithTask):
    # --- what runs -------------------------------------------------------------------

    def test_a_command_runs_as_root_in_the_container_under_a_terminal(self) -> None:
        answer = self.execute("sh -c 'tty; id -u; pwd; echo $COLOUR $TERM $LANG; exit 3'")
        self.assertEqual(("main", self.task, True), (answer["containerName"], answer["taskArn"], answer["interactive"]))
        self.assertRegex(answer["session"]["sessionId"], "^ecs-execute-command-[0-9a-f]{17}$")
        session = ExecSession(answer["session"])
        self.assertEqual(b"/dev/pts/0\r\n0\r\n/var\r\nblue xterm-256color C.UTF-8\r\n", session.run_to_end())
        self.assertEqual("", session.end)
        self.assertEqual({"SessionType": {"SessionType": "InteractiveCommands", "Properties": None}}, session.actions)

    def test_words_are_split_without_a_shell(self) -> None:
        session = self.session("""printf '%s|' a\\ b "c d" 'e "f"' $HOME * '' g#h # comment""")
        self.assertEqual(b"a b|c d|e \"f\"|$HOME|*||g#h|", session.run_to_end())

    def test_input_and_size(self) -> None:
        session = self.session("sh", container="side")
        session.wait(lambda: session.ready)
        session.resize(123, 45)
        session.type(b"stty size; echo ready\r")
        session.wait(lambda: b"\nready" in session.output)
        self.assertIn(b"45 123", session.output)
        # What is typed before an interrupt is lost with it: each has to have been read.
        session.type(b"cat; echo never\r")
        session.type("äöü€\r".encode())
        session.wait(lambda: session.output.endswith("äöü€\r\näöü€\r\n".encode()))
        session.type(b"\x03")
        session.wait(lambda: session.output.endswith(b"^C\r\n# "))
        session.type(b"exit 3\r")
        session.run_to_end()
        self.assertNotIn(b"\nnever", session.output)

    def test_what_cannot_be_started_is_told(self) -> None:
        for command, why in (
            ("nonsense", 'exec: "nonsense": executable file not found in $PATH'),
            ("/no/such/file", "fork/exec /no/such/file: no such file or directory"),
            ("/etc/passwd", "fork/exec /etc/passwd: permission denied"),
        ):
            session = self.session(command)
            self.assertEqual(b"", session.run_to_end())
            self.assertEqual(f"\n----------ERROR-------\nUnable to start command: Failed to start pty: {why}\n",
                             session.end)

    def test_bytes_are_exact_where_the_agent_has_no_quirks(self) -> None:
        self.switch(quirks={"pacingMilliseconds": 0, "utf8": False})
        session = self.session(
            "sh -c 'stty -opost; perl -e \"print pack q(C*), map { \\$_ * 7919 % 256 } 0..999999\"'")
        self.assertEqual(bytes(i * 7919 % 256 for i in range(1_000_000)), session.run_to_end(60))

    # --- what is refused -------------------------------------------------------------

    def test_requests_that_aws_refuses(self) -> None:
        self.refused("InvalidParameterException", "interactive must be true", "sh", interactive=False)
        self.refused("InvalidParameterException", "main, side: say which", "sh", container="")
        self.refused("InvalidParameterException", "no container named other; it has main, side", "sh", container="other")
        self.refused("InvalidParameterException", "task was not found", "sh", task="f" * 32)
        self.refused("InvalidParameterException", "must not be empty", "")
        with self.assertRaisesRegex(ClientError, "ClusterNotFoundException"):
            self.ecs.execute_command(cluster="none", task=self.task, command="sh", interactive=True)

    def test_agents_take_their_time_and_end_with_their_task(self) -> None:
        self.ecs.stop_task(cluster=self.out["Cluster"], task=self.run_task(enabled=False))
        arn = self.run_task()
        self.assertEqual({"PENDING"}, set(self.agents(arn).values()))
        self.refused("InvalidParameterException", "execute command was not enabled", "sh", task=arn)
        eventually(lambda: self.described(arn)["lastStatus"] == "RUNNING")
        if "PENDING" in self.agents(arn).values():
            self.refused("TargetNotConnectedException", "internal error", "sh", task=arn)
        self.wait_for_agents(arn)
        self.assertIn("lastStartedAt", self.described(arn)["containers"][0]["managedAgents"][0])
        self.ecs.stop_task(cluster=self.out["Cluster"], task=arn)
        eventually(lambda: self.described(arn)["lastStatus"] == "STOPPED", 60)
        self.assertEqual({"STOPPED"}, set(self.agents(arn).values()))

    def test_a_task_without_exec_has_no_agents(self) -> None:
        arn = self.run_task(enabled=False)
        eventually(lambda: self.described(arn)["lastStatus"] == "RUNNING")
        self.assertNotIn("managedAgents", self.described(arn)["containers"][0])
        self.refused("InvalidParameterException", "execute command was not enabled", "sh", task=arn)
        self.ecs.stop_task(cluster=self.out["Cluster"], task=arn)

    def test_a_root_that_is_read_only_has_no_agent(self) -> None:
        arn = self.run_task(readonlyRootFilesystem=True)
        eventually(lambda: self.agents(arn) == {"main": "STOPPED", "side": "RUNNING"})
        self.refused("TargetNotConnectedException", "internal error", "sh", task=arn)
        self.ecs.stop_task(cluster=self.out["Cluster"], task=arn)

    # --- sessions --------------------------------------------------------------------

    def test_a_session_is_resumed_with_another_token(self) -> None:
        ssm = self.client("ssm")
        first = self.session("sh")
        first.wait(lambda: first.ready)
        first.close()
        session_id = first.session["sessionId"]
        again = ssm.resume_session(SessionId=session_id)
        self.assertEqual(session_id, again["SessionId"])
        old = ExecSession(first.session)
        old.wait(lambda: old.lost)
        old.close()
        second = ExecSession({"streamUrl": again["StreamUrl"], "tokenValue": again["TokenValue"]})
        second._sequence, second._expected = first._sequence, first._expected
        second.type(b"echo st''ill the''re; exit\r")
        self.assertIn(b"still there", second.run_to_end())
        self.assertNotIn("TokenValue", ssm.resume_session(SessionId=session_id))

    def test_a_session_that_is_terminated_ends_its_command(self) -> None:
        session = self.session("sh -c 'sleep 4242 & sleep 4242'")
        session.wait(lambda: session.ready and len(self.processes("sleep 4242")) > 1)
        self.client("ssm").terminate_session(SessionId=session.session["sessionId"])
        session.run_to_end()
        self.assertEqual("", session.end)
        eventually(lambda: not self.processes("4242"))

    def test_a_command_that_heeds_no_hang_up_is_killed(self) -> None:
        session = self.session("sh -c 'trap \"\" HUP TERM; while :; do sleep 1; done; : 4343'")
        session.wait(lambda: session.ready and self.processes("4343"))
        self.client("ssm").terminate_session(SessionId=session.session["sessionId"])
        session.run_to_end()
        eventually(lambda: not self.processes("4343"), 15)

    def test_an_idle_session_ends(self) -> None:
        self.switch(idleMilliseconds=1500)
        session = self.session("sh -c 'sleep 4444'")
        session.run_to_end()
        self.assertEqual("Your session timed out due to inactivity and has been terminated.", session.end)
        eventually(lambda: not self.processes("4444"))

    def test_a_stopped_task_is_not_told(self) -> None:
        self.switch(idleMilliseconds=8000)
        arn = self.run_task()
        self.wait_for_agents(arn)
        session = self.session("sh", task=arn)
        session.wait(lambda: session.ready)
        self.ecs.stop_task(cluster=self.out["Cluster"], task=arn)
        eventually(lambda: self.described(arn)["lastStatus"] == "STOPPED", 60)
        self.assertIsNone(session.end)
        session.run_to_end()
        self.assertEqual("Your session timed out due to inactivity and has been terminated.", session.end)

    # --- what the cluster wants ------------------------------------------------------

    def test_the_session_is_logged_where_the_cluster_wants_it(self) -> None:
        self.configure(logging="OVERRIDE", logConfiguration={
            "cloudWatchLogGroupName": self.out["Logs"], "s3BucketName": self.out["Bucket"], "s3KeyPrefix": "exec"})
        session = self.session("sh -c 'echo one; echo; echo two'")
        session.run_to_end()
        name = session.session["sessionId"]

        def events() -> list[str]:
            try:
                return [e["message"] for e in self.client("logs").get_log_events(
                    logGroupName=self.out["Logs"], logStreamName=name)["events"]]
            except ClientError:
                return []

        eventually(lambda: events() == ["one", "two"])
        stored = self.client("s3").get_object(Bucket=self.out["Bucket"], Key=f"exec/{name}.log")["Body"].read()
        self.assertEqual(b"one\r\n\r\ntwo\r\n", stored)

    def test_an_encrypted_session_is_asked_for_where_the_cluster_has_a_key(self) -> None:
        key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.configure(kmsKeyId=key, logging="NONE")
        session = self.session("sh")
        session.run_to_end()
        self.assertEqual({"KMSKeyId": key}, session.actions["KMSEncryption"])
        self.assertEqual("Encountered error while initiating handshake. "
                         "KMSEncryption failed on client with status 3 error: ", session.end)

    def test_the_encryption_context_counts(self) -> None:
        kms = self.client("kms")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        context = {"aws:ssm:SessionId": "s", "aws:ssm:TargetId": "t"}
        data_key = kms.generate_data_key(KeyId=key, NumberOfBytes=64, EncryptionContext=context)
        self.assertEqual(64, len(data_key["Plaintext"]))
        opened = kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=context)
        self.assertEqual(data_key["Plaintext"], opened["Plaintext"])
        with self.assertRaisesRegex(ClientError, "InvalidCiphertextException"):
            kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"],
                        EncryptionContext={**context, "aws:ssm:SessionId": "x"})


class EndTest(WithTask):
    def test_the_gateway_ends_with_the_emulator(self) -> None:
        session = self.session("sh -c 'sleep 4545'")
        session.wait(lambda: session.ready)
        gateways = _children(self.answer["pid"])
        self.assertEqual(1, len(gateways))
        done = control(self.home, "stop", "--name", self.name)
        self.assertEqual(0, done.returncode, done.stderr)
        session.close()
        eventually(lambda: not _runs(gateways[0]), 15, "the gateway lives on")


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in found.splitlines() if "exec-gateway.js" in line]


def _runs(pid: int) -> bool:
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 0
