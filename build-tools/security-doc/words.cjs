// What stands in a template, in words.

/** The constructs that statements and rules name, by their paths below the stack. */
const NAMES = {
  'WorkBucket': 'work bucket',
  'WorkKey': 'key of the work bucket',
  'FailedQueue': 'queue of yours',
  'QueueKey': 'key of the queue',
  'Vast/Network/Vpc/VastSubnet1': 'Vast subnet',
  'Vast/Network/Vpc/FlowLog/LogGroup': 'log group of the flow logs',
  'Vast/Network/Vpc/FlowLog/IAMRole': 'role of the flow logs',
  'Vast/ServerSecurityGroup': 'server',
  'Vast/FileSystem': 'file system',
  'Vast/FileSystem/SecurityGroup': 'mount target',
  'Vast/FileSystem/AccessPoint': 'access point',
  'Vast/Server/LogGroup': 'log group of the server',
  'Vast/Server/Cluster': 'cluster',
  'Vast/Server/Service': 'service',
  'Vast/Server/TaskDefinition/TaskRole': 'task role of the server',
  'Vast/Server/TaskDefinition/ExecutionRole': 'execution role',
  'Vast/TaskDrain/LogGroup': 'log group of the task drain',
  'Vast/TaskDrain/Role': 'role of the task drain',
  'Vast/TaskDrain/Function': 'function of the task drain',
  'Vast/ExtraTask/SecurityGroup': 'one-off tasks',
  'Vast/ExtraTask/TaskDefinition': 'definition of one-off tasks',
  'Vast/ExtraTask/TaskDefinition/TaskRole': 'task role of one-off tasks',
  'Vast/Client/SecurityGroup': 'client',
  'Vast/Client/LogGroup': 'log group of the client',
  'Vast/Client/DeadLetterQueue': 'dead-letter queue',
  'Vast/Client/Role': 'role of the client',
  'Vast/Client/Function': 'function of the client',
  'Grantee': 'grantee',
};

/** The path of a resource's construct, below the stack. */
function pathOf(id, resource) {
  const path = resource?.Metadata?.['aws:cdk:path'];
  if (!path) throw new Error(`the template does not say which construct ${id} is of`);
  return path.split('/').slice(1).join('/').replace(/\/(Resource|Service|Subnet|ServiceName)$/, '');
}

/** The name of a construct in the document. */
function nameOf(path) {
  if (!(path in NAMES)) throw new Error(`${path} has no name in the document: give it one in build-tools/security-doc/words.cjs`);
  return NAMES[path];
}

const PSEUDO = { 'AWS::Partition': 'aws', 'AWS::Region': 'eu-west-1', 'AWS::AccountId': '111111111111', 'AWS::StackId': '‹stack›' };

/** A value of a template as text, with ‹names› where it refers to another resource. */
function textOf(value, resources) {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value.Ref in PSEUDO) return PSEUDO[value.Ref];
  const id = value.Ref ?? value['Fn::GetAtt']?.[0];
  if (id !== undefined) return `‹${nameOf(pathOf(id, resources[id]))}›`;
  if ('Fn::Join' in value) return value['Fn::Join'][1].map(part => textOf(part, resources)).join(value['Fn::Join'][0]);
  // The name of the service is the end of its ARN.
  if ('Fn::Select' in value) return textOf(JSON.parse(JSON.stringify(value).match(/\{"(?:Ref":"[^"]+"|Fn::GetAtt":\[[^\]]+\])\}/)[0]), resources);
  throw new Error(`no words for ${JSON.stringify(value)}`);
}

/** An ARN without what every ARN of this account and region begins with. */
function arnOf(value, resources) {
  const text = textOf(value, resources);
  const [, partition, service, rest] = /^arn:([^:]*):([^:]*):[^:]*:[^:]*:(.+)$/.exec(text) ?? [];
  return rest === undefined ? text : `arn:${partition === '*' ? '*' : '…'}:${service}:…:${rest}`;
}

/** A condition as it would be said: `operator key = value`. */
function conditionOf(condition, resources) {
  return Object.entries(condition ?? {}).flatMap(([operator, pairs]) => Object.entries(pairs).map(([key, value]) =>
    `${operator} \`${key}\` \`${[value].flat().map(one => arnOf(one, resources)).join('`, `')}\``)).join('; ');
}

module.exports = { NAMES, arnOf, conditionOf, nameOf, pathOf, textOf };
