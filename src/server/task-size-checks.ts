import { Token } from 'aws-cdk-lib';
import { ConfiguredEngine, engineConfigurationOf } from './engine-configuration';

/** The largest task definition. Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const LARGEST_TASK_DEFINITION = 64 * 1024;

/** Refuses an environment and a configuration that cannot fit into a task definition. What is a token counts nothing. */
export function taskSizeProblems(environment: { [name: string]: string }, engine: ConfiguredEngine): string[] {
  const ofEnvironment = bytes(Object.entries(environment).flat());
  const ofConfiguration = bytes([asJson(engineConfigurationOf(engine))]);
  return ofEnvironment + ofConfiguration <= LARGEST_TASK_DEFINITION ? [] : [
    `environment (${ofEnvironment} bytes) and engineConfiguration (${ofConfiguration} bytes) do not fit into a task definition, `
    + `which ECS limits to ${LARGEST_TASK_DEFINITION} bytes: shorten them`,
  ];
}

function bytes(texts: string[]): number {
  return texts.filter(text => !Token.isUnresolved(text)).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function asJson(configuration: unknown): string {
  if (configuration === undefined || Token.isUnresolved(configuration)) {
    return '';
  }
  // The value itself is what toJSON() has made of a token.
  return JSON.stringify(configuration, function (this: { [key: string]: unknown }, key, value) {
    return Token.isUnresolved(this[key]) ? '' : value;
  });
}
