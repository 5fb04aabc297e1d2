import { readSettings, toEnvironment } from '../../src/cli/settings';

const NEEDED = { VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '172.31.48.0/24' };
const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/security/vast-client:v3.1.0';

/** The sentence with which variables are refused. */
function refusal(variables: NodeJS.ProcessEnv): string {
  try {
    readSettings(variables);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the variables were not refused');
}

test('what is missing or wrong is said all at once, with an example each', () => {
  const [head, ...problems] = refusal({ VAST_PEERED_VPC_ID: 'vpc', VAST_VERSION: '3.1.0', VAST_CLIENT_IMAGE: 'tenzir/vast:v3.1.0' }).split('\n');
  expect(head).toContain('are not right yet');
  for (const [index, words] of [
    ['VAST_AWS_REGION is missing', 'VAST_AWS_REGION=eu-west-1'], ["VAST_PEERED_VPC_ID='vpc' is not right", 'vpc-0'], ['VAST_CIDR is missing', '/24'],
    ["VAST_CLIENT_IMAGE='tenzir/vast:v3.1.0' is not right", '.dkr.ecr.'], ["VAST_VERSION: '3.1.0'", "did you mean 'v3.1.0'"],
  ].entries()) {
    words.forEach(word => expect(problems[index]).toContain(word));
  }
});

test('a variable that is misspelt is not passed over in silence', () => {
  expect(refusal({ ...NEEDED, VAST_VERISON: 'v6.20.0' })).toContain('VAST_VERISON is no variable of vast-cloud: did you mean VAST_VERSION?');
  expect(readSettings({ ...NEEDED, VAST_ENDPOINT: 'vast-server:5158' }).cidr).toBe(NEEDED.VAST_CIDR);
});

test.each([IMAGE, IMAGE.replace(':v3.1.0', `@sha256:${'0'.repeat(64)}`), 'none'])('VAST_CLIENT_IMAGE=%s', clientImage => {
  expect(readSettings({ ...NEEDED, VAST_CLIENT_IMAGE: clientImage }).clientImage).toBe(clientImage);
});

test.each([
  ['eu-west-1', 'dkr-ecr.eu-west-1.on.aws'],
  ['us-east-1', 'dkr.ecr-fips.us-east-1.amazonaws.com'],
  ['us-east-1', 'dkr-ecr-fips.us-east-1.on.aws'],
  ['us-gov-west-1', 'dkr.ecr.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'dkr.ecr.cn-north-1.amazonaws.com.cn'],
  ['cn-north-1', 'dkr-ecr.cn-north-1.on.amazonwebservices.com.cn'],
  ['eusc-de-east-1', 'dkr.ecr.eusc-de-east-1.amazonaws.eu'],
  ['us-iso-east-1', 'dkr.ecr.us-iso-east-1.c2s.ic.gov'],
  ['us-isob-east-1', 'dkr.ecr.us-isob-east-1.sc2s.sgov.gov'],
])('a registry of ECR in %s is %s', (region, host) => {
  const clientImage = `123456789012.${host}/security/vast-client:v3.1.0`;
  expect(readSettings({ ...NEEDED, VAST_AWS_REGION: region, VAST_CLIENT_IMAGE: clientImage }).clientImage).toBe(clientImage);
});

test.each(['public.ecr.aws/security/vast-client', '123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com/vast-client'])('%s is none', (address) => {
  expect(refusal({ ...NEEDED, VAST_CLIENT_IMAGE: `${address}:v3.1.0` })).toContain('VAST_CLIENT_IMAGE=');
});

test('an image of the client has to be in the deployment\'s own region', () => {
  expect(refusal({ ...NEEDED, VAST_CLIENT_IMAGE: IMAGE.replace('eu-west-1', 'us-east-1') }))
    .toContain('VAST_CLIENT_IMAGE is in us-east-1: Lambda takes images from ECR in its own region only, which is eu-west-1');
});

test('an availability zone has to be one of the region', () => {
  expect(readSettings({ ...NEEDED, VAST_AVAILABILITY_ZONE: 'eu-west-1b' }).availabilityZone).toBe('eu-west-1b');
  expect(readSettings(NEEDED).availabilityZone).toBeUndefined();
  expect(refusal({ ...NEEDED, VAST_AVAILABILITY_ZONE: 'ap-northeast-1c' }))
    .toContain('VAST_AVAILABILITY_ZONE=ap-northeast-1c is not a zone of eu-west-1: give one such as eu-west-1b');
  expect(refusal({ ...NEEDED, VAST_AVAILABILITY_ZONE: 'use1-az1' })).toContain("VAST_AVAILABILITY_ZONE='use1-az1' is not right");
});

describe('the namespace', () => {
  test.each([
    [{}, 'vast.internal'], [{ VAST_STACK_NAME: 'VastCloud' }, 'vast.internal'], [{ VAST_STACK_NAME: 'Second-1' }, 'second-1.vast.internal'],
    [{ VAST_STACK_NAME: 'Second', VAST_NAMESPACE: 'vast.internal' }, 'vast.internal'], [{ VAST_NAMESPACE: 'soc.example.org' }, 'soc.example.org'],
  ])('of %j is %s, so that two deployments can have one peer', (variables, namespace) => {
    const settings = readSettings({ ...NEEDED, ...variables });
    expect(settings.namespace).toBe(namespace);
    expect(toEnvironment(settings).VAST_NAMESPACE).toBe(namespace);
  });

  test.each(['internal', 'Vast.internal', '-vast.internal', 'vast..internal', 'vast.internal.'])('is not %s', namespace => {
    expect(refusal({ ...NEEDED, VAST_NAMESPACE: namespace }).split('\n').slice(1)).toEqual([expect.stringContaining(`VAST_NAMESPACE='${namespace}' is not right`)]);
  });

  test('is asked for where the name of the stack cannot be in it', () => {
    for (const name of ['a'.repeat(64), 'Vast-']) {
      expect(refusal({ ...NEEDED, VAST_STACK_NAME: name })).toContain(`VAST_STACK_NAME=${name} cannot be a part of the server's DNS name: give VAST_NAMESPACE`);
    }
    expect(refusal({ ...NEEDED, VAST_STACK_NAME: 'Vast_1' }).split('\n').slice(1)).toEqual([expect.stringContaining("VAST_STACK_NAME='Vast_1' is not right")]);
    expect(readSettings({ VAST_STACK_NAME: 'a'.repeat(64) }, []).stackName).toHaveLength(64);
  });
});
