import { aws_ec2 as ec2, aws_iam as iam, aws_sqs as sqs } from 'aws-cdk-lib';
import { SynthesizedDeployment, stackOfTests } from '../synthesized-deployment';

type Resources = { [id: string]: object };
interface Said {
  readonly path: string;
  readonly effect: string;
  readonly actions: string[];
  readonly resources: string[];
  readonly condition: string;
}

const { rulesOf, statementsOf } = jest.requireActual<{
  statementsOf(resources: Resources): Said[];
  rulesOf(resources: Resources): { path: string; direction: string; port: string; peer: string }[];
}>('../../build-tools/security-doc/statements.cjs');
const { Reasons } = jest.requireActual<{
  Reasons: new (tables?: object) => { ofStatement(statement: Said): string; conclude(): void };
}>('../../build-tools/security-doc/reasons.cjs');
const { untrueClaims } = jest.requireActual<{ untrueClaims(resources: Resources): string[] }>('../../build-tools/security-doc/claims.cjs');

const synthesize = (change: (synthesized: SynthesizedDeployment) => void = () => undefined): Resources => {
  const synthesized = new SynthesizedDeployment({}, stackOfTests(undefined, { 'aws:cdk:enable-path-metadata': true }));
  change(synthesized);
  return synthesized.template.toJSON().Resources;
};

describe('what the document says of a template', () => {
  test('the rights of a role, with the names of what they are for', () => {
    const [mount] = statementsOf(synthesize()).filter(({ path }) => path === 'Vast/Server/TaskDefinition/TaskRole');
    expect(mount).toMatchObject({
      effect: 'Allow',
      actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
      resources: ['arn:…:elasticfilesystem:…:file-system/‹file system›'],
      condition: 'StringEquals `elasticfilesystem:AccessPointArn` `arn:…:elasticfilesystem:…:access-point/‹access point›`',
    });
  });

  test('the ports, with both their sides', () => {
    const rules = rulesOf(synthesize());
    expect(rules).toContainEqual(expect.objectContaining({ path: 'Vast/FileSystem/SecurityGroup', direction: 'in', port: 'TCP 2049', peer: 'the server' }));
    expect(rules).toContainEqual(expect.objectContaining({ path: 'Vast/ServerSecurityGroup', direction: 'in', port: 'TCP 5158', peer: 'the Vast subnet' }));
  });

  test('a role with policies of another kind is not passed over', () => {
    expect(() => statementsOf(synthesize(({ deployment }) =>
      deployment.serverRole.addManagedPolicy(iam.ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess'))))).toThrow(/policies of a kind that is not described/);
  });

  test('what has no name in the document is not passed over', () => {
    expect(() => statementsOf(synthesize(({ deployment, stack }) => new sqs.Queue(stack, 'Mine').grantSendMessages(deployment.serverRole))))
      .toThrow(/Mine has no name in the document/);
  });
});

describe('reasons', () => {
  const statement: Said = { path: 'Role', effect: 'Deny', actions: ['a:One', 'a:Two'], resources: ['*'], condition: 'Bool `a:Key` `false`' };
  const tables = { statements: { Role: { 'not a:One, a:Two if a:Key': 'because' } }, grants: {}, rules: {} };

  test('are found by role, effect, actions and condition', () => {
    const reasons = new Reasons(tables);
    expect(reasons.ofStatement(statement)).toBe('because');
    expect(() => reasons.conclude()).not.toThrow();
  });

  test.each([
    ['another action', { actions: ['a:One', 'a:Three'] }],
    ['one action more', { actions: ['a:One', 'a:Three', 'a:Two'] }],
    ['another effect', { effect: 'Allow' }],
    ['no condition', { condition: '' }],
    ['another role', { path: 'Other' }],
  ])('%s needs a reason of its own', (_, change) => {
    const reasons = new Reasons(tables);
    reasons.ofStatement(statement);
    reasons.ofStatement({ ...statement, ...change });
    expect(() => reasons.conclude()).toThrow(/no reason is given for statements: /);
  });

  test('without a statement are refused as well', () => {
    expect(() => new Reasons(tables).conclude()).toThrow('nothing is there any more for statements: Role: not a:One, a:Two if a:Key');
  });
});

describe('what the document says in words of its own', () => {
  test('is so', () => {
    expect(untrueClaims(synthesize())).toEqual([]);
  });

  test('is not so where the world is let in', () => {
    expect(untrueClaims(synthesize(({ deployment }) => deployment.connections.allowDefaultPortFrom(ec2.Peer.anyIpv4()))))
      .toEqual(['Vast/ServerSecurityGroup lets the world in']);
  });

  test('is not so where a queue is not encrypted', () => {
    expect(untrueClaims(synthesize(({ stack }) => new sqs.Queue(stack, 'Plain', { encryption: sqs.QueueEncryption.UNENCRYPTED }))))
      .toEqual([expect.stringMatching(/^Plain\w+ is not encrypted$/)]);
  });
});
