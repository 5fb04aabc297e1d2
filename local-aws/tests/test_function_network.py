"""Functions and tasks in their VPC: who reaches whom, and how both reach the local AWS."""

import json

from . import functions
from .functions import OUTPUTS, function
from .running import eventually, get, network, ref, service, task, template

_SERVES = ("perl -MIO::Socket::INET -e 'for my $port (5000, 6000) { next if fork; my $s = IO::Socket::INET->new("
           "LocalPort => $port, Listen => 5); while (my $c = $s->accept) { print $c $port; close $c } }' ; sleep 600")


class NetworkTest(functions.WithFunctions):
    @classmethod
    def template(cls) -> dict:
        groups = {
            "Client": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
                "GroupDescription": "client", "VpcId": ref("Vpc")}},
            "Server": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
                "GroupDescription": "server", "VpcId": ref("Vpc"), "SecurityGroupIngress": [{
                    "IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5000,
                    "SourceSecurityGroupId": get("Client", "GroupId")}]}},
        }
        serving = task(f"env > /dev/stderr; {_SERVES}")
        serving["Task"]["Properties"]["TaskRoleArn"] = get("Role", "Arn")
        return template(network(), groups, serving, function(network=True), service(
            NetworkConfiguration={"AwsvpcConfiguration": {
                "Subnets": [ref("Subnet")], "SecurityGroups": [get("Server", "GroupId")]}}),
            Server=get("Server", "GroupId"), Client=get("Client", "GroupId"), **OUTPUTS)

    def reach(self, port: int) -> list[str]:
        return self.output(f"timeout 1 bash -c 'cat < /dev/tcp/server.tried.internal/{port}' || echo no answer")

    def test_a_server_is_found_by_name_where_its_group_lets_the_function_in(self) -> None:
        self.assertEqual(["5000"], self.reach(5000))
        self.assertEqual(["no answer"], self.reach(6000))
        rule = {"GroupId": self.out["Server"], "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": 6000, "ToPort": 6000, "UserIdGroupPairs": [{"GroupId": self.out["Client"]}]}]}
        self.client("ec2").authorize_security_group_ingress(**rule)
        self.assertEqual(["6000"], self.reach(6000))

    def test_the_local_aws_answers_inside(self) -> None:
        self.client("s3").put_object(Bucket=self.out["Bucket"], Key="deep/file", Body=b"content")
        path = f"/{self.out['Bucket']}/deep/file"
        fetch = ("exec 3<> /dev/tcp/127.0.0.1/\\${AWS_ENDPOINT_URL##*:}; "
                 f"printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; tail -n 1 <&3")
        self.assertEqual(["content"], self.output(f'timeout 5 bash -c "{fetch}"'))
        self.client("s3").delete_object(Bucket=self.out["Bucket"], Key="deep/file")

    def test_a_task_has_its_roles_credentials(self) -> None:
        container = self.containers(**{"cdk-vast.container-name": "main"})[0]
        ask = ("exec 3<> /dev/tcp/127.0.0.1/${AWS_ENDPOINT_URL##*:}; "
               "printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' ${AWS_CONTAINER_CREDENTIALS_FULL_URI#*//*/} >&3; tail -n 1 <&3")
        found = json.loads(container.exec_run(["timeout", "5", "bash", "-c", ask]).output)
        self.assertEqual("000000000000", found["AccessKeyId"])
        self.assertIn(":role/", found["RoleArn"])

    def test_z_what_goes_with_the_stack(self) -> None:
        self.output("true")
        self.client("s3").put_object(Bucket=self.out["Bucket"], Key="file", Body=b"")
        formation = self.client("cloudformation")
        formation.delete_stack(StackName="F")
        eventually(lambda: formation.describe_stacks(StackName="F")["Stacks"][0]["StackStatus"] == "DELETE_FAILED", 60)
        self.assertIn("The bucket you tried to delete is not empty", self.failures("F"))
        self.client("s3").delete_object(Bucket=self.out["Bucket"], Key="file")
        self.destroy("F")
        self.assertEqual([], self.containers())
        self.assertEqual([], [n.name for n in self.docker.networks.list() if self.identity in n.name])
