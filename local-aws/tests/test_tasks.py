"""Single tasks: how they end, what they log, what they mount."""

import time

from .running import IMAGE, WithLocalAws, eventually, get, network, ref, storage, task, template


class TaskTest(WithLocalAws):
    """One stack of network and storage; each test registers the task that it needs."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        case = cls()
        cls.out = case.deploy("T", template(
            network(), storage(), task("true", volume=True), Subnet=ref("Subnet"), Cluster=ref("Cluster"),
            Logs=ref("Logs"), Fs=ref("Fs"), Point=ref("Point"), Group=get("Group", "GroupId")))
        cls.ecs = cls.client("ecs")

    def runTest(self) -> None:
        """Lets the class itself deploy."""

    def run_script(self, script: str, mount: bool = False, memory: int = 512, volume: dict | None = None,
                   **container: object) -> str:
        definition = {
            "name": "main", "image": IMAGE, "entryPoint": ["sh", "-c", script], "essential": True,
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": self.out["Logs"], "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}},
            **container}
        volumes = []
        if mount or volume:
            definition["mountPoints"] = [{"sourceVolume": "state", "containerPath": "/state"}]
            volumes = [{"name": "state", "efsVolumeConfiguration": volume or {
                "fileSystemId": self.out["Fs"], "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": self.out["Point"], "iam": "ENABLED"}}}]
        arn = self.ecs.register_task_definition(
            family="one", cpu="256", memory=str(memory), networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            containerDefinitions=[definition], volumes=volumes)["taskDefinition"]["taskDefinitionArn"]
        return self.ecs.run_task(
            cluster=self.out["Cluster"], taskDefinition=arn, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {
                "subnets": [self.out["Subnet"]], "securityGroups": [self.out["Group"]]}})["tasks"][0]["taskArn"]

    def described(self, arn: str) -> dict:
        return self.ecs.describe_tasks(cluster=self.out["Cluster"], tasks=[arn])["tasks"][0]

    def ended(self, arn: str) -> dict:
        return eventually(lambda: self.described(arn)["lastStatus"] == "STOPPED" and self.described(arn))

    def output(self, arn: str) -> list[str]:
        events = self.client("logs").get_log_events(
            logGroupName=self.out["Logs"], logStreamName=f"p/main/{arn.rsplit('/', 1)[-1]}", startFromHead=True)
        return [e["message"] for e in events["events"]]

    def test_exit_code_and_complete_log_of_a_container_that_dies_at_once(self) -> None:
        found = self.ended(arn := self.run_script("for i in 1 2 3; do echo line $i; done; echo bad >&2; exit 7"))
        self.assertEqual((7, "EssentialContainerExited", "Essential container in task exited"),
                         (found["containers"][0]["exitCode"], found["stopCode"], found["stoppedReason"]))
        self.assertEqual(["line 1", "line 2", "line 3"], [m for m in self.output(arn) if m != "bad"])
        self.assertIn("bad", self.output(arn))

    def test_long_lines_stay_whole(self) -> None:
        self.ended(arn := self.run_script("perl -e 'print \"x\" x 50000, \"\\n\"'"))
        self.assertEqual([50000], [len(m) for m in self.output(arn)])

    def test_an_image_that_cannot_be_had(self) -> None:
        found = self.ended(self.run_script("true", image="example.invalid/none:1"))
        self.assertEqual("TaskFailedToStart", found["stopCode"])
        self.assertRegex(found["stoppedReason"], "^CannotPullContainerError: .*example.invalid")

    def test_an_image_for_another_processor(self) -> None:
        arn = self.ecs.register_task_definition(
            family="arm", cpu="256", memory="512", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
            runtimePlatform={"cpuArchitecture": "ARM64"},
            containerDefinitions=[{"name": "main", "image": IMAGE}])["taskDefinition"]["taskDefinitionArn"]
        started = self.ecs.run_task(cluster=self.out["Cluster"], taskDefinition=arn, networkConfiguration={
            "awsvpcConfiguration": {"subnets": [self.out["Subnet"]]}})["tasks"][0]["taskArn"]
        self.assertRegex(self.ended(started)["stoppedReason"], "CannotPullContainerError.*linux/arm64")

    def test_a_command_that_does_not_exist(self) -> None:
        found = self.ended(self.run_script("", entryPoint=["/no/such/program"]))
        self.assertRegex(found["stoppedReason"], "^CannotStartContainerError: .*no such file")

    def test_a_log_group_that_does_not_exist(self) -> None:
        found = self.ended(self.run_script("true", logConfiguration={"logDriver": "awslogs", "options": {
            "awslogs-group": "none", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}}))
        self.assertRegex(found["stoppedReason"], "^ResourceInitializationError: .*log group")

    def test_a_secret(self) -> None:
        secret = self.client("secretsmanager").create_secret(Name="s", SecretString="hidden")["ARN"]
        self.ended(arn := self.run_script("echo got $S", secrets=[{"name": "S", "valueFrom": secret}]))
        self.assertEqual(["got hidden"], self.output(arn))
        found = self.ended(self.run_script("true", secrets=[{"name": "S", "valueFrom": secret + "x"}]))
        self.assertRegex(found["stoppedReason"], "^ResourceInitializationError: unable to pull secrets")

    def test_memory(self) -> None:
        found = self.ended(self.run_script("perl -e '$x = \"y\" x 800000000; sleep 5'", memory=512))
        self.assertEqual(137, found["containers"][0]["exitCode"])
        self.assertRegex(found["containers"][0]["reason"], "^OutOfMemoryError")

    def test_environment_user_and_working_directory(self) -> None:
        self.ended(arn := self.run_script("echo $A $AWS_REGION $(id -u) $(pwd)", user="31",
                                          environment=[{"name": "A", "value": "b c"}], workingDirectory="/usr"))
        self.assertEqual(["b c us-east-1 31 /usr"], self.output(arn))

    def test_stopping_takes_its_time_and_answers_at_once(self) -> None:
        arn = self.run_script("trap '' TERM; echo up; while :; do sleep 0.1; done", stopTimeout=8)
        eventually(lambda: self.described(arn)["lastStatus"] == "RUNNING")
        begin = time.monotonic()
        self.ecs.stop_task(cluster=self.out["Cluster"], task=arn, reason="enough")
        self.assertEqual("STOPPED", self.described(arn)["desiredStatus"])
        self.assertIn(self.described(arn)["lastStatus"], ("RUNNING", "DEACTIVATING", "STOPPING"))
        found = self.ended(arn)
        self.assertGreaterEqual(time.monotonic() - begin, 8, "SIGKILL comes after stopTimeout")
        self.assertEqual((137, "UserInitiated", "enough"),
                         (found["containers"][0]["exitCode"], found["stopCode"], found["stoppedReason"]))

    def test_an_access_point_is_a_directory_with_its_owner(self) -> None:
        self.ended(arn := self.run_script("stat -c '%u:%g %a' /state; id -u; echo data > /state/file", mount=True,
                                          user="4321"))
        self.assertEqual(["1234:1235 750", "1234"], self.output(arn), "a user that is not root acts as the POSIX user")
        with self.subTest("a second stack that mounts the file system sees the data"):
            other = self.client("efs").create_access_point(
                FileSystemId=self.out["Fs"], PosixUser={"Uid": 1234, "Gid": 1235},
                RootDirectory={"Path": "/deep/state"})["AccessPointId"]
            self.ended(arn := self.run_script("cat /state/file", volume={
                "fileSystemId": self.out["Fs"], "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": other, "iam": "ENABLED"}}))
            self.assertEqual(["data"], self.output(arn))
        with self.subTest("the root of the file system has it all"):
            self.ended(arn := self.run_script("ls /state/deep/state", volume={
                "fileSystemId": self.out["Fs"], "rootDirectory": "/", "transitEncryption": "ENABLED"}))
            self.assertEqual(["file"], self.output(arn))

    def test_a_directory_without_creation_info_must_exist(self) -> None:
        point = self.client("efs").create_access_point(
            FileSystemId=self.out["Fs"], RootDirectory={"Path": "/nowhere"})["AccessPointId"]
        found = self.ended(self.run_script("true", volume={
            "fileSystemId": self.out["Fs"], "transitEncryption": "ENABLED",
            "authorizationConfig": {"accessPointId": point}}))
        self.assertRegex(found["stoppedReason"], "^ResourceInitializationError: .*No such file")

    def test_a_link_leads_to_no_directory_of_this_machine(self) -> None:
        root = {"fileSystemId": self.out["Fs"], "rootDirectory": "/", "transitEncryption": "ENABLED"}
        self.ended(self.run_script("ln -s / /state/link", volume=root))
        for path in ("/link", "/link/etc"):
            found = self.ended(self.run_script("true", volume={**root, "rootDirectory": path}))
            self.assertRegex(found["stoppedReason"], "^ResourceInitializationError: .*/link is a symbolic link")

    def test_security_groups_that_do_not_let_the_mount_pass(self) -> None:
        ec2 = self.client("ec2")
        ec2.revoke_security_group_ingress(GroupId=self.out["Group"], IpPermissions=[{
            "IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "IpRanges": [{"CidrIp": "10.213.7.0/24"}]}])
        try:
            found = self.ended(self.run_script("true", mount=True))
            self.assertRegex(found["stoppedReason"], "^ResourceInitializationError: .*do not let TCP 2049 pass")
        finally:
            ec2.authorize_security_group_ingress(GroupId=self.out["Group"], IpPermissions=[{
                "IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "IpRanges": [{"CidrIp": "10.213.7.0/24"}]}])

    def test_what_is_not_simulated_is_refused(self) -> None:
        with self.assertRaisesRegex(Exception, "'dependsOn', which the local AWS does not simulate"):
            self.run_script("true", dependsOn=[{"containerName": "main", "condition": "START"}])

