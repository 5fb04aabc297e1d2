import { AwsEndpoint, stsFailure } from './doctor/aws-endpoint';
import { findDeployments } from '../../src/runtime/discovery';

test('a stack that is not there is missed in a region, which is often the wrong one', async () => {
  const aws = await AwsEndpoint.open({ DescribeStacks: { status: 400, body: stsFailure('ValidationError', 'Stack with id Nope does not exist') } });
  try {
    await expect(findDeployments(aws.connect(), 'Nope')).rejects.toThrow("there is no stack 'Nope' in this account and region (eu-west-1)");
  } finally {
    await aws.close();
  }
});
