/**
 * Operating a deployment from TypeScript, with what the classes for all languages cannot have: callbacks, signals, bytes.
 *
 * It is `cdk-vast/runtime`; importing it loads neither the AWS SDK nor the CDK.
 */
export { AwsCallError, AwsFailure } from './aws-call-error';
export { AwsConnection } from './aws-connection';
export type { AwsConnectionOptions } from './aws-source';
export * from './client';
export type { CommandRun, OutputOptions, TakePiece } from './command-run';
export { findDeployment, findDeployments } from './discovery';
export * from './errors';
export * from './exec';
export { readCommand } from './read-command';
export * from './server';
export type { WaitOptions } from './waiting';
export { WorkBucket, type WorkObject } from './work-bucket';
