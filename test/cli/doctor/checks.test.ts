import { seeRegion, seeStack } from '../../../src/cli/doctor/account-checks';
import { check, ok, wrong } from '../../../src/cli/doctor/finding';
import { seeClientImage } from '../../../src/cli/doctor/image-checks';
import { checkNode } from '../../../src/cli/doctor/machine-checks';
import { seeCidr } from '../../../src/cli/doctor/network-checks';
import { seeQuota } from '../../../src/cli/doctor/quota-checks';
import { UserError } from '../../../src/cli/errors';
import { STACK_DESCRIPTION } from '../../../src/cli/settings';
import { AwsCallError, AwsFailure } from '../../../src/runtime/aws-call-error';
import { QUOTAS } from '../../../src/runtime/doctor/quotas';
import { Answer, AwsEndpoint } from '../../runtime/doctor/aws-endpoint';

const vpc = (vpcId: string, ...cidrs: string[]) => ({ vpcId, state: 'available', cidrs });
const SETTINGS = { cidr: '10.1.0.0/24', peeredVpcId: 'vpc-peer', region: 'eu-west-1' };

describe('a check', () => {
  test('fails with each problem that was thrown, one a line', async () => {
    const look = async () => { throw new UserError(['two problems:', 'this\nand that', 'another'].join('\n  - ')); };
    expect(await check('settings', look)).toEqual([
      { check: 'settings', verdict: 'wrong', detail: 'this and that' }, { check: 'settings', verdict: 'wrong', detail: 'another' },
    ]);
  });

  test('is skipped, and fails nothing, where the right to look is missing', async () => {
    const look = async () => { throw new AwsCallError('not allowed', AwsFailure.PERMISSION, 'AccessDenied', undefined, undefined); };
    expect(await check('stack', look)).toEqual([{ check: 'stack', verdict: 'skipped', detail: 'it cannot be looked at: not allowed' }]);
  });
});

describe('addresses', () => {
  const PEER = vpc('vpc-peer', '10.0.0.0/24', '10.2.0.0/16');

  test('nobody else\'s are right, and the deployment\'s own VPC is nobody else', () => {
    expect(seeCidr(SETTINGS, [PEER, vpc('vpc-own', '10.1.0.0/24')], ['vpc-own'])).toEqual([ok('10.1.0.0/24 overlaps with none of the 1 other VPCs of eu-west-1')]);
  });

  test('those of the peer are wrong, also a secondary block\'s, with a block that is free', () => {
    const [seen, ...more] = seeCidr({ ...SETTINGS, cidr: '10.2.7.0/24' }, [PEER], []);
    expect({ ...seen, more }).toEqual({ verdict: 'wrong', more: [], detail: expect.stringContaining('the peered VPC vpc-peer (10.2.0.0/16): AWS refuses') });
    expect(seen.detail).toContain('VAST_CIDR=172.16.0.0/24');
  });

  test('those of others are a warning, which names all of them', () => {
    expect(seeCidr(SETTINGS, [PEER, vpc('vpc-a', '10.1.0.0/16'), vpc('vpc-b', '10.9.0.0/16', '10.1.0.128/25')], [])).toEqual([
      { verdict: 'warning', detail: expect.stringContaining('vpc-a (10.1.0.0/16), vpc-b (10.1.0.128/25): the deployment could never be peered with those') },
    ]);
  });
});

describe('a quota of 5', () => {
  async function seen(used: number, deployed: boolean, answers = { GetServiceQuota: { Quota: { Value: 5 } } }) {
    const aws = await AwsEndpoint.open(answers);
    try {
      return await seeQuota(aws.connect(), { ...QUOTAS[0], used: async () => used }, 'eu-west-1', deployed);
    } finally {
      await aws.close();
    }
  }

  test('with 4 used is right', async () => expect(await seen(4, false)).toEqual(ok('4 of 5 VPCs used')));

  test('with 5 used is wrong, with the command that asks for more', async () => {
    expect(await seen(5, false)).toEqual({
      verdict: 'wrong', detail: expect.stringMatching(/a deployment takes 1.*--region eu-west-1 --service-code vpc --quota-code L-F678F1CE --desired-value 6$/),
    });
  });

  test('with 5 used is right where one of them is the deployment\'s', async () => expect(await seen(5, true)).toEqual(ok('5 of 5 VPCs used')));

  test('that cannot be looked at is skipped', async () => {
    expect(await seen(5, false, {} as never)).toEqual({ verdict: 'skipped', detail: expect.stringContaining('it cannot be looked at: AWS does not accept the request') });
  });
});

test.each([['enabled', 'ok', 'eu-west-1'], ['disabled', 'wrong', 'aws account enable-region --region-name eu-west-1'], ['unknown', 'wrong', 'aws ec2 describe-regions']] as const)(
  'a region that is %s is %s', (state, verdict, words) => {
    expect(seeRegion('eu-west-1', state)).toEqual({ verdict, detail: expect.stringContaining(words) });
  });

test.each([
  ['CREATE_COMPLETE', STACK_DESCRIPTION, 'ok', 'VastCloud is in CREATE_COMPLETE'],
  ['UPDATE_ROLLBACK_COMPLETE', STACK_DESCRIPTION, 'ok', 'UPDATE_ROLLBACK_COMPLETE'],
  ['ROLLBACK_COMPLETE', STACK_DESCRIPTION, 'ok', 'deploy begins anew'],
  ['REVIEW_IN_PROGRESS', undefined, 'ok', 'deploy begins anew'],
  ['UPDATE_IN_PROGRESS', STACK_DESCRIPTION, 'wrong', 'wait until that is over'],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', STACK_DESCRIPTION, 'wrong', 'wait until that is over'],
  ['DELETE_FAILED', STACK_DESCRIPTION, 'wrong', 'aws cloudformation delete-stack --stack-name VastCloud'],
  ['UPDATE_ROLLBACK_FAILED', STACK_DESCRIPTION, 'wrong', 'aws cloudformation continue-update-rollback --stack-name VastCloud'],
  ['CREATE_COMPLETE', undefined, 'wrong', 'was not created by vast-cloud, and deploy would replace everything in it: set another VAST_STACK_NAME'],
  ['ROLLBACK_COMPLETE', 'A queue', 'wrong', 'was not created by vast-cloud'],
])('a stack in %s that describes itself as %p is %s', (status, description, verdict, words) => {
  // A stack of an app of the user's has a deployment, too, and other things beside it.
  const deployments = [{ cdkVast: 1 } as never];
  expect(seeStack('VastCloud', { status, description, deployments })).toEqual({ verdict, detail: expect.stringContaining(words) });
});

test('a stack that is not there is right', () => {
  expect(seeStack('VastCloud', undefined)).toEqual(ok('VastCloud is not deployed yet'));
});

test.each([['20.11.1', 'wrong'], ['18.20.0', 'wrong'], ['20.12.0', 'ok'], ['22.1.0', 'ok'], ['100.0.0', 'ok']])('Node.js %s is %s', async (version, verdict) => {
  expect(await checkNode(version)).toMatchObject([{ verdict }]);
});

describe('the image of the client', () => {
  const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/security/vast-client:v3.1.0';
  async function seen(answer: Answer) {
    const aws = await AwsEndpoint.open({ DescribeImages: answer });
    try {
      return await seeClientImage(aws.connect(), IMAGE);
    } finally {
      await aws.close();
    }
  }
  const ofType = (imageManifestMediaType: string) => seen({ imageDetails: [{ imageManifestMediaType }] });

  test.each(['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'])('is wrong as %s', async (type) => {
    const { verdict, detail } = await ofType(type);
    expect(verdict).toBe('wrong');
    expect(detail).toContain('which Lambda refuses: build it with docker build --provenance=false --sbom=false');
  });

  test.each(['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'])('is right as %s', async (type) => {
    expect(await ofType(type)).toEqual(ok(`${IMAGE} is one image`));
  });

  test.each(['ImageNotFoundException', 'RepositoryNotFoundException'])('is wrong where it is not there: %s', async (code) => {
    expect(await seen({ status: 400, body: { __type: code, message: 'not found' } }))
      .toEqual(wrong(`there is no image ${IMAGE}: push it, or leave VAST_CLIENT_IMAGE out`));
  });
});
