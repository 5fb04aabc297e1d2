import { awsSource } from '../runtime/aws-source';

/**
 * The options with which a printed `aws` command works in the same account and region as this one did, in any shell:
 * profile and region may be those of `.env`, which the AWS CLI does not read.
 */
export function awsOptions(region = awsSource({}).region): string {
  const { keys, profile } = awsSource({});
  return `${region ? ` --region ${region}` : ''}${profile && !keys ? ` --profile ${profile}` : ''}`;
}
