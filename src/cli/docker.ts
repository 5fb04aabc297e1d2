import { Interrupted, UserError } from './errors';
import { run } from './run';

/** Refuses where the image of the Lambda client is to be built, and the Docker that would do it does not answer. */
export async function requireDocker(environment: NodeJS.ProcessEnv): Promise<void> {
  const docker = environment.CDK_DOCKER || 'docker';
  const { exitCode, stderr } = await run(docker, ['version', '--format', '{{.Server.Version}}'], { capture: true, env: environment })
    .catch((error: Error) => {
      if (error instanceof Interrupted) {
        throw error;
      }
      return { exitCode: 1, stderr: error.message };
    });
  if (exitCode !== 0) {
    throw new UserError(`the image of the Lambda client is built with Docker, which does not answer (${stderr.trim().split('\n').pop()}): `
      + 'start it, or set VAST_CLIENT_IMAGE to an image in ECR that was built from docker/client, or to none for a deployment without client');
  }
}
