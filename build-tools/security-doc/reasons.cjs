// Why each statement and each rule is there. The document is not made while one of them has no reason, or a reason no
// statement: whoever changes a right meets it here, with all its actions, and says why it is needed.

const SESSION = 'A session of ECS Exec takes these four. AWS gives them no resource.';
const LOG = 'To write the log, into this group alone.';
const TLS_ONLY = 'Whatever comes without TLS is refused.';
const FIND = 'To read the output that the deployment is found by, of this stack alone. `vast-cloud` and the runtime classes begin with it.';
const TASKS = 'To follow tasks and to stop them. AWS names tasks by their cluster, so in a cluster of yours it is all tasks there.';
const SESSION_KEY = 'Sessions are encrypted with the key of the cluster.';
const LIST = 'To find tasks. The action has no resource that is a task, so a condition names the cluster.';

/** By the path of the role or thing, and what its statement says. */
const REASONS = {
  'Vast/Server/TaskDefinition/TaskRole': {
    'elasticfilesystem:ClientMount, elasticfilesystem:ClientWrite if elasticfilesystem:AccessPointArn':
      'To mount the database and write to it, through the one access point only. Being root on the file system (`ClientRootAccess`) is nobody\'s.',
    'ssmmessages:CreateControlChannel, ssmmessages:CreateDataChannel, ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel': SESSION,
    'kms:Decrypt, kms:GenerateDataKey': `${SESSION_KEY} It is CDK's own grant.`,
  },
  'Vast/Server/TaskDefinition/ExecutionRole': {
    'logs:CreateLogStream, logs:PutLogEvents': LOG,
    'ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer': 'To fetch the image, of this repository alone.',
    'ecr:GetAuthorizationToken': 'To log in to ECR, which comes before a repository is named. AWS gives it no resource.',
    'secretsmanager:DescribeSecret, secretsmanager:GetSecretValue': 'To hand the secret to the container. A secret that is given by name, not by ARN, ends in six characters that are not known: `??????`.',
    'ssm:DescribeParameters, ssm:GetParameter, ssm:GetParameterHistory, ssm:GetParameters':
      'To hand the parameter to the container. It is CDK\'s own grant, and has more in it than ECS needs (the history).',
  },
  'Vast/ExtraTask/TaskDefinition/TaskRole': {
    'ssmmessages:CreateControlChannel, ssmmessages:CreateDataChannel, ssmmessages:OpenControlChannel, ssmmessages:OpenDataChannel': SESSION,
    'kms:Decrypt': SESSION_KEY,
  },
  'Vast/TaskDrain/Role': {
    'logs:CreateLogStream, logs:PutLogEvents': LOG,
    'cloudformation:DescribeStackResource': 'To find the service that is about to be replaced, in this stack alone.',
    'ecs:DescribeServices, ecs:DescribeTasks, ecs:ListTasks, ecs:StopTask, ecs:UpdateService if ecs:cluster':
      'To set the count of that service to 0, to stop one-off tasks and to follow their ends. What they are called is not known yet, so a '
      + 'condition names the cluster; in a cluster of yours it is all services and tasks there, of which its program takes the deployment\'s own.',
  },
  'Vast/Client/Role': {
    'logs:CreateLogStream, logs:PutLogEvents': LOG,
    ['ec2:AssignPrivateIpAddresses, ec2:CreateNetworkInterface, ec2:DeleteNetworkInterface, ec2:DescribeNetworkInterfaces, '
      + 'ec2:DescribeSubnets, ec2:UnassignPrivateIpAddresses']:
      'Lambda connects the function to the Vast subnet with the rights of this role. They are what '
      + '[AWS documents](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions) for a function in a VPC, '
      + 'which is on everything; the commands are denied them in the next row.',
    ['not ec2:AssignPrivateIpAddresses, ec2:CreateNetworkInterface, ec2:DeleteNetworkInterface, ec2:DescribeNetworkInterfaces, '
      + 'ec2:DescribeSubnets, ec2:DetachNetworkInterface, ec2:UnassignPrivateIpAddresses if lambda:SourceFunctionArn']:
      'The rights before are for Lambda. A call that comes from inside of a function, which is a command\'s, is refused.',
    'sqs:SendMessage': 'Lambda puts asynchronous calls that have failed into the queue, with the rights of this role.',
    's3:GetBucketLocation, s3:ListBucket, s3:ListBucketMultipartUploads': 'Scratch space of the commands: what is in it.',
    's3:AbortMultipartUpload, s3:DeleteObject, s3:GetObject, s3:ListMultipartUploadParts, s3:PutObject': 'Scratch space of the commands: reading, writing, deleting.',
    's3:Abort*, s3:PutObject, s3:PutObjectLegalHold, s3:PutObjectRetention, s3:PutObjectTagging, s3:PutObjectVersionTagging':
      'Output that does not fit into an answer goes below `results/`. It is CDK\'s own grant for writing; reading and deleting are not in it.',
    'kms:Decrypt, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt*': 'To read and write what the key encrypts.',
    'sqs:GetQueueAttributes, sqs:GetQueueUrl, sqs:SendMessage': 'The same for a queue of yours. It is CDK\'s own grant.',
  },
  'Vast/Network/Vpc/FlowLog/IAMRole': {
    'logs:CreateLogStream, logs:DescribeLogStreams, logs:PutLogEvents': LOG,
  },
  'Vast/FileSystem': {
    'not elasticfilesystem:ClientMount, elasticfilesystem:ClientRootAccess, elasticfilesystem:ClientWrite if aws:SecureTransport': TLS_ONLY,
    'not elasticfilesystem:ClientMount, elasticfilesystem:ClientRootAccess, elasticfilesystem:ClientWrite if elasticfilesystem:AccessPointArn':
      'Whoever does not come through an access point is refused. Nothing is allowed here, so a client needs a grant of its own.',
  },
  'WorkBucket': { 'not s3:* if aws:SecureTransport': TLS_ONLY },
  'Vast/Client/DeadLetterQueue': { 'not sqs:* if aws:SecureTransport': TLS_ONLY },
};

/** The same for what a grant gives, by the name of the grant. */
const GRANT_REASONS = {
  grantInvokeClient: {
    'lambda:InvokeFunction': 'To call the function, buffered, streamed or asynchronously, and each of its versions and aliases.',
  },
  grantOperate: {
    'ecs:DescribeServices': 'To see the service.',
    'ecs:UpdateService if ecs:task-definition, ecs:capacity-provider, ecs:namespace':
      'To set how many tasks the service has. A request that would put another task definition in its place, or another capacity '
      + 'provider or namespace, is not let through. AWS documents '
      + '[no such condition](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_service-with-iam.html) for the other parameters of the action.',
    'ecs:DescribeTasks, ecs:StopTask': TASKS,
    'ecs:ListTasks if ecs:cluster': LIST,
    'logs:DescribeLogGroups, logs:DescribeLogStreams, logs:FilterLogEvents, logs:GetLogEvents, logs:GetLogGroupFields': 'To read the log of the server and of one-off tasks. That of the client is not in it.',
    'cloudformation:DescribeStacks': FIND,
  },
  grantExecute: {
    'ecs:ExecuteCommand': 'To open a session. AWS asks for the cluster and for the task.',
    'ecs:RunTask if ecs:cluster': 'To run one-off tasks, of every revision of this definition, in this cluster.',
    'ecs:TagResource if ecs:CreateAction': 'One-off tasks have the tags of their definition. The right is there while a task is made, and not later.',
    'iam:PassRole if iam:PassedToService': 'One-off tasks run with these two roles, and with no others; only ECS may be given them.',
    'ecs:DescribeTasks, ecs:StopTask': TASKS,
    'ecs:ListTasks if ecs:cluster': LIST,
    'cloudformation:DescribeStacks': FIND,
  },
};

/** Why each port is open. */
const RULES = {
  'Vast/ServerSecurityGroup in TCP 5158 the Vast subnet': 'Clients in the deployment\'s own subnet.',
  'Vast/ServerSecurityGroup in TCP 5158 the client': 'Commands that talk to the engine.',
  'Vast/ServerSecurityGroup in TCP 5158 the one-off tasks': 'Scripts that talk to the engine.',
  'Vast/ServerSecurityGroup out TCP 443 anywhere': 'The image, the log, S3 and other services of AWS.',
  'Vast/ServerSecurityGroup out TCP 2049 the mount target': 'The database.',
  'Vast/FileSystem/SecurityGroup in TCP 2049 the server': 'The database. Nobody else reaches the mount target, not even the client.',
  'Vast/ExtraTask/SecurityGroup out TCP 443 anywhere': 'The image, the log, S3 and other services of AWS.',
  'Vast/ExtraTask/SecurityGroup out TCP 5158 the server': 'The engine.',
  'Vast/Client/SecurityGroup out TCP 443 anywhere': 'S3 and other services of AWS, and whatever else a command fetches.',
  'Vast/Client/SecurityGroup out TCP 5158 the server': 'The engine.',
};

/** What a statement says, as the key of its reason. */
function keyOf({ effect, actions, condition }) {
  const conditions = [...condition.matchAll(/\w+ `([^`]+)`/g)].map(([, key]) => key);
  return `${effect === 'Deny' ? 'not ' : ''}${actions.join(', ')}${conditions.length > 0 ? ` if ${conditions.join(', ')}` : ''}`;
}

const ruleKeyOf = ({ path, direction, port, peer }) => `${path} ${direction} ${port} ${peer}`;

/** Hands out reasons, and knows which were not asked for. */
class Reasons {
  constructor(tables = { statements: REASONS, grants: GRANT_REASONS, rules: RULES }) {
    this.tables = tables;
    this.used = new Set();
    this.missing = [];
  }

  ofStatement(statement) {
    return this.of('statements', statement.path, keyOf(statement));
  }

  ofGrant(grant, statement) {
    return this.of('grants', grant, keyOf(statement));
  }

  ofRule(rule) {
    return this.find(this.tables.rules, `rules: ${ruleKeyOf(rule)}`, ruleKeyOf(rule));
  }

  of(table, owner, key) {
    return this.find(this.tables[table][owner] ?? {}, `${table}: ${owner}: ${key}`, key);
  }

  find(reasons, name, key) {
    this.used.add(name);
    if (!(key in reasons)) this.missing.push(name);
    return reasons[key];
  }

  /** Fails where there was a statement without a reason, or a reason without a statement. */
  conclude() {
    const { statements, grants, rules } = this.tables;
    const all = [
      ...Object.entries(statements).flatMap(([owner, reasons]) => Object.keys(reasons).map(key => `statements: ${owner}: ${key}`)),
      ...Object.entries(grants).flatMap(([owner, reasons]) => Object.keys(reasons).map(key => `grants: ${owner}: ${key}`)),
      ...Object.keys(rules).map(key => `rules: ${key}`),
    ];
    const problems = [
      ...new Set(this.missing.map(name => `no reason is given for ${name}`)),
      ...all.filter(name => !this.used.has(name)).map(name => `nothing is there any more for ${name}`),
    ];
    if (problems.length > 0) throw new Error(['build-tools/security-doc/reasons.cjs is not right:', ...problems].join('\n  - '));
  }
}

module.exports = { Reasons };
