"""The labels by which containers, networks and volumes of a local AWS are found."""

# The instance's name, for people and tools.
INSTANCE = "cdk-vast.local-aws"
# The instance's random id. Two users of one Docker may both call theirs `default`:
# whatever removes things goes by this label, never by the name.
INSTANCE_ID = "cdk-vast.local-aws-id"

TASK_ARN = "cdk-vast.task-arn"
CONTAINER_NAME = "cdk-vast.container-name"
SERVICE = "cdk-vast.service"
CLUSTER = "cdk-vast.cluster"
FAMILY = "cdk-vast.family"
VPC = "cdk-vast.vpc"
FILE_SYSTEM = "cdk-vast.file-system"
ACCESS_POINT = "cdk-vast.access-point"
FUNCTION = "cdk-vast.function"
FUNCTION_VERSION = "cdk-vast.function-version"
SANDBOX = "cdk-vast.sandbox"
