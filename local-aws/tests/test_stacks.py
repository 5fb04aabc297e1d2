"""CloudFormation: the types that were missing, what is refused, what is retained."""

import time

from local_aws.labels import VPC

from .running import IMAGE, WithLocalAws, access_point, eventually, get, network, ref, service, storage, task, template


def _internet() -> dict[str, dict]:
    return {
        "Gateway": {"Type": "AWS::EC2::InternetGateway", "Properties": {}},
        "Attachment": {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": {
            "VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")}},
        "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
        "Nat": {"Type": "AWS::EC2::NatGateway", "Properties": {
            "SubnetId": ref("Subnet"), "AllocationId": get("Address", "AllocationId")}},
        "Out": {"Type": "AWS::EC2::Route", "Properties": {
            "RouteTableId": ref("Table"), "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": ref("Nat")}},
        "In": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
            "GroupId": get("Group", "GroupId"), "IpProtocol": "tcp", "FromPort": 5158, "ToPort": 5158,
            "CidrIp": get("Vpc", "CidrBlock")}},
        "Egress": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {
            "GroupId": get("Group", "GroupId"), "IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049,
            "DestinationSecurityGroupId": get("Group", "GroupId")}},
    }


class StackTest(WithLocalAws):
    def setUp(self) -> None:
        self.ec2 = self.client("ec2")

    def routes(self, table: str) -> dict[str, str]:
        found = self.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return {r["DestinationCidrBlock"]: r.get("NatGatewayId") or r.get("VpcPeeringConnectionId") or r["GatewayId"]
                for r in found}

    def test_network(self) -> None:
        peer = self.ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        theirs = self.ec2.create_route_table(VpcId=peer)["RouteTable"]["RouteTableId"]
        peering = {
            "Peering": {"Type": "AWS::EC2::VPCPeeringConnection", "Properties": {
                "VpcId": ref("Vpc"), "PeerVpcId": peer}},
            "There": {"Type": "AWS::EC2::Route", "Properties": {
                "RouteTableId": ref("Table"), "DestinationCidrBlock": "10.99.0.0/16",
                "VpcPeeringConnectionId": ref("Peering")}},
            "Back": {"Type": "AWS::EC2::Route", "Properties": {
                "RouteTableId": theirs, "DestinationCidrBlock": get("Vpc", "CidrBlock"),
                "VpcPeeringConnectionId": ref("Peering")}},
        }
        out = self.deploy("N", template(network(), _internet(), peering, Table=ref("Table"), Nat=ref("Nat"),
                                        Peering=ref("Peering"), Group=get("Group", "GroupId"), Ip=ref("Address")))
        self.assertEqual(
            {"10.213.7.0/24": "local", "0.0.0.0/0": out["Nat"], "10.99.0.0/16": out["Peering"]},
            self.routes(out["Table"]))
        self.assertEqual(out["Peering"], self.routes(theirs)["10.213.7.0/24"])
        group = self.ec2.describe_security_groups(GroupIds=[out["Group"]])["SecurityGroups"][0]
        self.assertEqual([2049, 5158], [p["FromPort"] for p in group["IpPermissions"]])
        self.assertRegex(out["Ip"], r"^\d+\.\d+\.\d+\.\d+$")
        connection = self.ec2.describe_vpc_peering_connections()["VpcPeeringConnections"][0]
        self.assertEqual("active", connection["Status"]["Code"])
        with self.subTest("a property that changes a rule replaces it"):
            changed = _internet()
            changed["In"]["Properties"]["ToPort"] = changed["In"]["Properties"]["FromPort"] = 42000
            self.deploy("N", template(network(), changed, peering, Table=ref("Table"), Nat=ref("Nat"),
                                      Peering=ref("Peering"), Group=get("Group", "GroupId"), Ip=ref("Address")),
                        "UPDATE_COMPLETE")
            group = self.ec2.describe_security_groups(GroupIds=[out["Group"]])["SecurityGroups"][0]
            self.assertEqual([2049, 42000], [p["FromPort"] for p in group["IpPermissions"]])
        self.destroy("N")
        self.assertNotIn("10.213.7.0/24", self.routes(theirs))
        self.assertEqual([], self.ec2.describe_addresses()["Addresses"])

    def test_overlapping_peer(self) -> None:
        peer = self.ec2.create_vpc(CidrBlock="10.213.0.0/16")["Vpc"]["VpcId"]
        self.deploy("O", template(network(), {"Peering": {"Type": "AWS::EC2::VPCPeeringConnection", "Properties": {
            "VpcId": ref("Vpc"), "PeerVpcId": peer}}}), "ROLLBACK_COMPLETE")
        self.assertIn("overlapping CIDR range", self.failures("O"))

    def test_what_would_be_ignored_is_refused_by_name(self) -> None:
        for number, (kind, properties, name) in enumerate((
                ("AWS::EC2::VPC", {"CidrBlock": "10.1.0.0/16", "Ipv4IpamPoolId": "x"}, "Ipv4IpamPoolId"),
                ("AWS::ECS::TaskDefinition", {"Family": "f", "ContainerDefinitions": [
                    {"Name": "c", "Image": "i", "RestartPolicy": {"Enabled": True}}]}, "restartPolicy"))):
            with self.subTest(kind):
                self.deploy(f"R{number}", {"Resources": {"Thing": {"Type": kind, "Properties": properties}}},
                            "ROLLBACK_COMPLETE")
                self.assertIn(name, self.failures(f"R{number}"))
        for kind in ("AWS::EC2::TransitGatewayTeleporter", "AWS::CloudFormation::Teleporter"):
            with self.subTest(kind), self.assertRaisesRegex(Exception, kind):
                self.deploy("U", {"Resources": {"Thing": {"Type": kind, "Properties": {}}}})

    def test_a_bucket_has_its_lifecycle_rules(self) -> None:
        def bucket(**properties: object) -> dict:
            return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {
                "BucketName": "short", **properties}}}}

        def days() -> list:
            return [r["Expiration"]["Days"] for r in
                    self.client("s3").get_bucket_lifecycle_configuration(Bucket="short")["Rules"]]

        rule = {"Status": "Enabled", "ExpirationInDays": 7}
        self.deploy("B", bucket(LifecycleConfiguration={"Rules": [rule]}))
        self.assertEqual([7], days())
        self.deploy("B", bucket(LifecycleConfiguration={"Rules": [{**rule, "ExpirationInDays": 8}]}), "UPDATE_COMPLETE")
        self.assertEqual([8], days())
        self.deploy("B", bucket(), "UPDATE_COMPLETE")
        with self.assertRaisesRegex(Exception, "NoSuchLifecycleConfiguration"):
            days()
        self.destroy("B")

    def test_a_network_is_removed_when_the_last_container_has_left_it(self) -> None:
        vpc = self.deploy("V", template(network(), task("sleep 600"), service(), Vpc=ref("Vpc")))["Vpc"]
        mine = {"label": f"{VPC}={vpc}"}
        found = eventually(lambda: self.docker.networks.list(filters=mine))
        guest = self.docker.containers.run(IMAGE, ["sleep", "600"], network=found[0].name, detach=True)
        self.client("cloudformation").delete_stack(StackName="V")
        eventually(lambda: not self.containers())
        time.sleep(2)
        self.assertEqual(found, self.docker.networks.list(filters=mine))
        guest.remove(force=True)
        eventually(lambda: not self.docker.networks.list(filters=mine), 10)

    def test_a_failed_first_creation_keeps_no_file_system(self) -> None:
        broken = {"Broken": {"Type": "AWS::EC2::RouteTable", "DependsOn": "Point", "Properties": {"VpcId": "vpc-none"}}}
        self.deploy("E", template(network(), storage("RetainExceptOnCreate"), broken), "ROLLBACK_COMPLETE")
        self.assertEqual([], self.client("efs").describe_file_systems()["FileSystems"])

    def test_a_retained_file_system_keeps_its_data(self) -> None:
        keeps = template(network(), storage("RetainExceptOnCreate"),
                         task("echo kept > /state/file; sleep 600", volume=True), service(), Fs=ref("Fs"),
                         Cluster=ref("Cluster"))
        file_system = self.deploy("K", keeps)["Fs"]
        self.destroy("K")
        self.assertEqual([file_system], [f["FileSystemId"] for f in
                                         self.client("efs").describe_file_systems()["FileSystems"]])
        second = task("cat /state/file; sleep 600", volume=True)
        second["Task"]["Properties"]["Volumes"][0]["EFSVolumeConfiguration"]["FilesystemId"] = file_system
        target = storage()["Target"]
        target["Properties"]["FileSystemId"] = file_system
        self.deploy("L", template(network(), {"Target": target, "Point": access_point(file_system)}, second, service(),
                                  Logs=ref("Logs")))
        group = self.client("cloudformation").describe_stacks(StackName="L")["Stacks"][0]["Outputs"][0]["OutputValue"]
        eventually(lambda: [e["message"] for e in self.client("logs").filter_log_events(
            logGroupName=group)["events"]] == ["kept"])
        self.destroy("L")
        self.client("efs").delete_file_system(FileSystemId=file_system)
        # A service is gone while its task is still stopping, and holds the volume.
        eventually(lambda: not [v.name for v in self.docker.volumes.list() if self.identity in v.name])
