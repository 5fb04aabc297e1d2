import { App, aws_ec2 as ec2, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { VARIANTS, variantStack } from './deployment-variants';
import { CIDR, ENV, SynthesizedDeployment } from './synthesized-deployment';
import { VastDeployment } from '../src';

/** The policy of the task drain in the deployment's own cluster. */
const CLUSTER_POLICY = 'In8e1a21ebe0';

/** What a user who wants no finding at all has to acknowledge, and why it is as it is. */
const ACKNOWLEDGED = [
  {
    path: 'Network/Vpc',
    id: 'AwsSolutions-VPC7',
    reason: 'flow logs cost money per GB, so they are the user\'s to ask for, with the property flowLogs',
  },
  {
    path: 'Server/Cluster',
    id: 'AwsSolutions-ECS4',
    reason: 'Container Insights cost money per task, and a cluster with them can be given with the property cluster',
  },
  {
    path: 'Server/TaskDefinition/TaskRole',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'AWS gives the four ssmmessages actions of ECS Exec no resource',
  },
  {
    path: 'ExtraTask/TaskDefinition/TaskRole',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'AWS gives the four ssmmessages actions of ECS Exec no resource',
  },
  {
    path: `TaskDrain/${CLUSTER_POLICY}`,
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'the names of tasks and of the service end at random; a condition names the cluster',
  },
  {
    path: 'ExtraTask/TaskDefinition',
    id: 'AwsSolutions-ECS2',
    reason: 'the variables say where the server is, and that an import waits for it: nothing secret, and the same for every task',
  },
  {
    path: 'Client/Role',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'what AWS documents for a function in a VPC (AWSLambdaVPCAccessExecutionRole), and Lambda asks for it on everything; the '
      + 'commands are denied it: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions',
  },
];

const appWith = (context: { [key: string]: unknown } = {}) => new App({ context });

describe('cdk-nag, AwsSolutions', () => {
  const findings = (app: App) => new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);

  const defaultDeployment = () => {
    const app = appWith();
    const stack = new Stack(app, 'Stack', { env: ENV });
    return { app, deployment: new VastDeployment(stack, 'Vast', { cidr: CIDR }) };
  };

  test('finds in the default deployment what is acknowledged here, and nothing else', () => {
    expect(findings(defaultDeployment().app).sort()).toEqual([...new Set(ACKNOWLEDGED.map(({ id }) => id))].sort());
  });

  test('passes the default deployment once each finding is acknowledged where it is', () => {
    const { app, deployment } = defaultDeployment();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    for (const { path, id, reason } of ACKNOWLEDGED) {
      const place = path.split('/').reduce((scope, name) => scope.node.findChild(name), deployment as Parameters<typeof Validations.of>[0]);
      Validations.of(place).acknowledge({ id, reason });
    }
    expect(() => app.synth()).not.toThrow();
  });

  test('does not pass it without', () => {
    const { app } = defaultDeployment();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).toThrow(/AwsSolutions-VPC7/);
  });

  test('has no word about the VPC of a deployment that records its traffic', () => {
    const app = appWith();
    new SynthesizedDeployment({ flowLogs: {} }, new Stack(app, 'Stack'));
    expect(findings(app)).not.toContain('AwsSolutions-VPC7');
  });

  test('fails a stack that is known to be bad', () => {
    const app = appWith();
    const stack = new Stack(app, 'Stack');
    new ec2.SecurityGroup(stack, 'Group', { vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] }) })
      .addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22));
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).toThrow(/AwsSolutions-EC23/);
  });
});

describe('the linter of CDK, with its findings as errors', () => {
  const strict = { '@aws-cdk/core:validateAgainstDefaultRules': true };

  /** Findings that are mere warnings go to the error stream. */
  const spoken = jest.spyOn(console, 'error');
  afterAll(() => spoken.mockRestore());

  test.each([
    ...Object.keys(VARIANTS).map(name => [name, 'with', undefined] as const), ['default', 'without', {}] as const,
  ])('has no word about the variant %s in a stack %s an environment', (name, _with, props) => {
    const app = appWith(strict);
    variantStack(app, name, props);
    expect(() => app.synth()).not.toThrow();
    expect(spoken).not.toHaveBeenCalled();
  });

  test('fails a stack that is known to be bad', () => {
    const app = appWith(strict);
    new CfnResource(new Stack(app, 'Stack'), 'FileSystem', { type: 'AWS::EFS::FileSystem', properties: { Encryptd: true } });
    expect(() => app.synth()).toThrow(/Encryptd/);
  });
});

test('an app gets the same template as the tests do, whose root has no linter', () => {
  expect(new SynthesizedDeployment({}, new Stack(appWith(), 'Stack')).text).toBe(new SynthesizedDeployment().text);
});
