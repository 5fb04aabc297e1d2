"""What templates may say about the types that this project uses.

MiniStack ignores properties that it does not know, and so a template would seem to work here.
Of the types below everything that is listed has an effect, or is a mere description; everything
else fails the resource by name. Other types are MiniStack's own affair.
"""

from typing import Any

from .patching import replace

_KNOWN: dict[str, set[str]] = {
    "AWS::EC2::VPC": {"CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"},
    "AWS::EC2::Subnet": {"VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "MapPublicIpOnLaunch", "Tags"},
    "AWS::EC2::RouteTable": {"VpcId", "Tags"},
    "AWS::EC2::SubnetRouteTableAssociation": {"RouteTableId", "SubnetId"},
    "AWS::EC2::Route": {"RouteTableId", "DestinationCidrBlock", "GatewayId", "NatGatewayId",
                        "VpcPeeringConnectionId"},
    "AWS::EC2::InternetGateway": {"Tags"},
    "AWS::EC2::VPCGatewayAttachment": {"VpcId", "InternetGatewayId"},
    "AWS::EC2::EIP": {"Domain", "Tags"},
    "AWS::EC2::NatGateway": {"SubnetId", "AllocationId", "ConnectivityType", "Tags"},
    "AWS::EC2::VPCPeeringConnection": {"VpcId", "PeerVpcId", "PeerOwnerId", "PeerRegion", "PeerRoleArn", "Tags"},
    "AWS::EC2::SecurityGroup": {"GroupDescription", "GroupName", "VpcId", "SecurityGroupIngress",
                                "SecurityGroupEgress", "Tags"},
    "AWS::EC2::SecurityGroupIngress": {"GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6",
                                       "Description", "SourceSecurityGroupId", "SourcePrefixListId"},
    "AWS::EC2::SecurityGroupEgress": {"GroupId", "IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6",
                                      "Description", "DestinationSecurityGroupId", "DestinationPrefixListId"},
    "AWS::EC2::VPCEndpoint": {"VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds", "SubnetIds",
                              "SecurityGroupIds", "PrivateDnsEnabled", "PolicyDocument", "Tags"},
    "AWS::EC2::FlowLog": {"ResourceId", "ResourceType", "TrafficType", "LogDestinationType", "LogDestination",
                          "LogGroupName", "DeliverLogsPermissionArn", "Tags"},
    "AWS::EFS::FileSystem": {"Encrypted", "KmsKeyId", "ThroughputMode", "ProvisionedThroughputInMibps",
                             "PerformanceMode", "BackupPolicy", "FileSystemPolicy", "BypassPolicyLockoutSafetyCheck",
                             "LifecyclePolicies", "FileSystemTags"},
    "AWS::EFS::MountTarget": {"FileSystemId", "SubnetId", "SecurityGroups", "IpAddress"},
    "AWS::EFS::AccessPoint": {"FileSystemId", "PosixUser", "RootDirectory", "AccessPointTags", "ClientToken"},
    "AWS::ServiceDiscovery::PrivateDnsNamespace": {"Name", "Vpc", "Description", "Properties", "Tags"},
    "AWS::ServiceDiscovery::Service": {"Name", "NamespaceId", "Description", "DnsConfig", "HealthCheckCustomConfig",
                                       "Tags"},
    "AWS::ECS::Cluster": {"ClusterName", "ClusterSettings", "Configuration", "CapacityProviders",
                          "DefaultCapacityProviderStrategy", "Tags"},
    "AWS::ECS::TaskDefinition": {"Family", "ContainerDefinitions", "Volumes", "NetworkMode", "Cpu", "Memory",
                                 "RequiresCompatibilities", "ExecutionRoleArn", "TaskRoleArn", "RuntimePlatform",
                                 "EphemeralStorage", "Tags"},
    "AWS::ECS::Service": {"ServiceName", "Cluster", "TaskDefinition", "DesiredCount", "LaunchType", "PlatformVersion",
                          "DeploymentConfiguration", "DeploymentController", "EnableExecuteCommand",
                          "EnableECSManagedTags", "PropagateTags", "AvailabilityZoneRebalancing",
                          "HealthCheckGracePeriodSeconds", "NetworkConfiguration", "ServiceRegistries",
                          "SchedulingStrategy", "Tags"},
    "AWS::Logs::LogGroup": {"LogGroupName", "RetentionInDays", "KmsKeyId", "LogGroupClass",
                            "DeletionProtectionEnabled", "Tags"},
    "AWS::Lambda::Function": {"FunctionName", "Description", "PackageType", "Code", "ImageConfig", "Architectures",
                              "MemorySize", "Timeout", "EphemeralStorage", "Environment", "KmsKeyArn", "VpcConfig",
                              "Role", "ReservedConcurrentExecutions", "DeadLetterConfig", "LoggingConfig",
                              "TracingConfig", "Tags"},
    "AWS::Lambda::EventInvokeConfig": {"FunctionName", "Qualifier", "MaximumRetryAttempts",
                                       "MaximumEventAgeInSeconds", "DestinationConfig"},
    "AWS::Lambda::Permission": {"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount",
                                "PrincipalOrgID"},
    "AWS::SQS::Queue": {"QueueName", "FifoQueue", "ContentBasedDeduplication", "MessageRetentionPeriod",
                        "VisibilityTimeout", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "MaximumMessageSize",
                        "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds",
                        "SqsManagedSseEnabled", "Tags"},
    "AWS::S3::Bucket": {"BucketName", "AccessControl", "BucketEncryption", "CorsConfiguration",
                        "LifecycleConfiguration", "NotificationConfiguration", "OwnershipControls",
                        "PublicAccessBlockConfiguration", "VersioningConfiguration", "WebsiteConfiguration", "Tags"},
}
# A function from an archive is MiniStack's own affair.
_OF_IMAGES = {"AWS::Lambda::Function"}


def check(resource_type: str, props: dict) -> None:
    """Refuses a property that would be ignored."""
    known = _KNOWN.get(resource_type)
    if known is None or (resource_type in _OF_IMAGES and not (props.get("Code") or {}).get("ImageUri")):
        return
    for name, value in props.items():
        if name not in known and value not in (None, "", [], {}):
            raise ValueError(f"{resource_type} has the property {name}, which the local AWS does not simulate; "
                             "leave it out, or deploy to AWS")


def install() -> None:
    from ministack.services.cloudformation import provisioners, stacks

    def provision(resource_type: str, logical_id: str, props: dict, stack_name: str) -> Any:
        check(resource_type, props)
        if resource_type.startswith("AWS::CloudFormation::") and \
                resource_type not in provisioners._RESOURCE_HANDLERS:
            raise ValueError(f"Unsupported resource type: {resource_type}")
        return provisioning(resource_type, logical_id, props, stack_name)

    def update(resource_type: str, physical_id: str, old: dict, new: dict, *rest: Any) -> Any:
        check(resource_type, new)
        return updating(resource_type, physical_id, old, new, *rest)

    # `stacks` holds its own references to them.
    provisioning = replace(stacks, "_provision_resource", provision)
    provisioners._provision_resource = provision
    updating = replace(stacks, "_update_resource", update)
