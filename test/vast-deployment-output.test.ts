import { aws_iam as iam, aws_s3 as s3, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ENV, refTo, rootOfTests, serverAlone, stackOfTests, SynthesizedDeployment } from './synthesized-deployment';
import { Deployed, literal } from './template-values';
import { VastDeployment, VastStorage, VastVersion } from '../src';
import { DeploymentOutput, OUTPUT_FORM } from '../src/discovery/deployment-output';

const REGION = { 'AWS::Region': { Ref: 'eu-central-1' } };

/** The outputs of a stack that are ours, as a reader gets them once the stack is deployed. */
const outputsOf = (stack: Stack): DeploymentOutput[] =>
  Object.values(Template.fromStack(stack).findOutputs('*')).map(({ Value }) => JSON.parse(literal(new Deployed(REGION), Value)));

describe('the output that a deployment is found by', () => {
  test('is JSON with all that a tool has to know, and nothing else', () => {
    const synthesized = new SynthesizedDeployment();
    const idOf = (type: string) => synthesized.only(type).logicalId;
    const groupOf = (purpose: string) =>
      Object.entries(synthesized.all('AWS::EC2::SecurityGroup')).find(([, { Properties }]) => Properties.GroupDescription === purpose)![0];
    const extraTask = synthesized.resourceOf(synthesized.deployment.extraTaskDefinition);
    const expected: DeploymentOutput = {
      cdkVast: OUTPUT_FORM,
      name: 'Vast',
      region: 'eu-central-1',
      clusterName: `<${idOf('AWS::ECS::Cluster')}>`,
      serviceName: `<${idOf('AWS::ECS::Service')}.Name>`,
      containerName: synthesized.container.Name,
      taskDefinitionArn: `<${synthesized.taskDefinition.logicalId}>`,
      logGroupName: `<${synthesized.stack.resolve(synthesized.deployment.logGroup.logGroupName).Ref}>`,
      serverHostname: 'vast-server.vast.internal',
      serverPort: 5158,
      engineVersion: 'v3.1.0',
      clientFunctionName: `<${synthesized.resourceOf(synthesized.deployment.clientFunction!).logicalId}>`,
      clientLogGroupName: `<${synthesized.stack.resolve(synthesized.deployment.clientLogGroup!.logGroupName).Ref}>`,
      vpcId: `<${idOf('AWS::EC2::VPC')}>`,
      subnetId: `<${synthesized.stack.resolve(synthesized.deployment.vastSubnet.subnetId).Ref}>`,
      securityGroupId: `<${groupOf('VAST server')}.GroupId>`,
      extraTaskDefinitionArn: `<${extraTask.logicalId}>`,
      extraTaskFamily: extraTask.Properties.Family,
      extraTaskSecurityGroupId: `<${groupOf('VAST one-off tasks')}.GroupId>`,
      extraTaskContainerName: synthesized.extraContainer.Name,
      fileSystemId: `<${idOf('AWS::EFS::FileSystem')}>`,
      fileSystemInStack: true,
      accessPointId: `<${idOf('AWS::EFS::AccessPoint')}>`,
    };
    expect(outputsOf(synthesized.stack)).toEqual([expected]);
  });

  test('has no file system where the database is on the task\'s own disk', () => {
    const [output] = outputsOf(new SynthesizedDeployment({ storage: VastStorage.attached() }).stack);
    expect(Object.keys(output)).not.toContain('fileSystemId');
    expect(Object.keys(output)).not.toContain('accessPointId');
  });

  test('has neither function nor work bucket where there is no client', () => {
    const stack = stackOfTests();
    const workBucket = new s3.Bucket(stack, 'Work');
    const [output] = outputsOf(serverAlone({ client: { enabled: false, workBucket } }, stack).stack);
    expect(Object.keys(output).filter(key => /^(client|work)/.test(key))).toEqual([]);
  });

  test('names the bucket that commands use as scratch space', () => {
    const stack = stackOfTests();
    const workBucket = new s3.Bucket(stack, 'Work');
    const [output] = outputsOf(new SynthesizedDeployment({ client: { workBucket } }, stack).stack);
    expect(output.workBucketName).toBe(`<${refTo(stack, workBucket).Ref}>`);
  });

  test('has the port as a number, and the release by its name', () => {
    expect(outputsOf(new SynthesizedDeployment({ version: VastVersion.V2_4_2 }).stack)).toMatchObject([{ serverPort: 42000, engineVersion: 'v2.4.2' }]);
  });

  test('has the region as it is, where the stack knows it', () => {
    expect(outputsOf(new SynthesizedDeployment({}, stackOfTests({ env: { ...ENV, region: 'us-east-1' } })).stack)).toMatchObject([{ region: 'us-east-1' }]);
  });

  test('can be switched off', () => {
    expect(outputsOf(new SynthesizedDeployment({ discoveryOutput: false }).stack)).toEqual([]);
  });

  test('calls each deployment of a stack by its own name', () => {
    const stack = stackOfTests();
    new VastDeployment(stack, 'A', { cidr: '172.31.48.0/24' });
    new VastDeployment(stack, 'B', { cidr: '172.31.49.0/24' });
    expect(outputsOf(stack).map(({ name }) => name)).toEqual(['A', 'B']);
  });

  test('has the name below the stack, also in a stage', () => {
    const stage = new Stage(rootOfTests(), 'Prod');
    expect(outputsOf(new SynthesizedDeployment({}, new Stack(stage, 'Stack')).stack)).toMatchObject([{ name: 'Vast' }]);
  });
});

describe('a deployment in a nested stack', () => {
  const parent = stackOfTests();
  const nested = new NestedStack(new NestedStack(parent, 'Outer'), 'Inner');
  new VastDeployment(nested, 'Vast', { cidr: '172.31.48.0/24' })
    .grantOperate(new iam.Role(nested, 'Operator', { assumedBy: new iam.AccountRootPrincipal() }));
  const outputs = Object.entries(Template.fromStack(parent).findOutputs('*'));

  test('is found by the name of the outermost stack, because nested ones have generated names', () => {
    expect(outputs).toHaveLength(1);
    const [[, { Value }]] = outputs;
    const output = JSON.parse(literal(new Deployed(REGION), Value));
    expect(output).toMatchObject({ cdkVast: OUTPUT_FORM, name: 'Outer/Inner/Vast', region: 'eu-central-1' });
    // What the nested stack alone knows comes up as its outputs.
    expect(output.clusterName).toMatch(/^<Outer.*\.Outputs\..*Cluster.*>$/);
  });

  test('leaves no output in the nested stack itself', () => {
    expect(Template.fromStack(nested).findOutputs('*Discovery')).toEqual({});
  });

  test('can be operated by who may describe the outermost stack, and not the nested one', () => {
    const statements = Object.values(Template.fromStack(nested).findResources('AWS::IAM::Policy'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const [{ Resource }] = statements.filter(({ Action }: { Action: string }) => Action === 'cloudformation:DescribeStacks');
    expect(nested.resolve(parent.stackId)).not.toEqual(nested.resolve(nested.stackId));
    // The id of the outermost stack comes down as a parameter.
    expect(Template.fromStack(nested).toJSON().Parameters).toHaveProperty(Resource.Ref);
    expect(Resource.Ref).toMatch(/AWSStackId/);
  });
});
