/** What the bootstrap is told by the environment of the function. */
export interface Settings {
  /** Host and port of the Runtime API. */
  readonly runtimeApi: string;

  /** The only place that can be written to: emptied after each command, and the command's working directory. */
  readonly scratchDirectory: string;

  /** After so long without output a streamed answer gives a sign of life. */
  readonly heartbeatMs: number;

  /** Where output goes that does not fit into a buffered answer; undefined for nowhere. */
  readonly resultsBucket: string | undefined;
}

/** NAT gateways drop connections that were idle for 350 s. */
const HEARTBEAT_SECONDS = 60;

export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const runtimeApi = environment.AWS_LAMBDA_RUNTIME_API;
  if (!runtimeApi) {
    throw new Error('AWS_LAMBDA_RUNTIME_API is not set: this program runs in AWS Lambda, or in what stands in for it');
  }
  return {
    runtimeApi,
    scratchDirectory: environment.CDK_VAST_SCRATCH_DIRECTORY || '/tmp',
    heartbeatMs: positive('CDK_VAST_HEARTBEAT_SECONDS', HEARTBEAT_SECONDS, environment) * 1000,
    resultsBucket: environment.CDK_VAST_RESULTS_BUCKET || undefined,
  };
}

function positive(name: string, otherwise: number, environment: NodeJS.ProcessEnv): number {
  const value = Number(environment[name] || otherwise);
  if (!(value > 0 && value < Infinity)) {
    throw new Error(`${name} must be a number above 0, not '${environment[name]}'`);
  }
  return value;
}
