/** What the runtime classes fail with. Its message is a sentence that says what to do. */
export class VastRuntimeError extends Error {
  public override readonly name: string = 'VastRuntimeError';
}

/** There is no such stack, or no such deployment in it. */
export class DeploymentNotFoundError extends VastRuntimeError {
  public override readonly name = 'DeploymentNotFoundError';
}

/** A stack has several deployments, and it was not said which is meant. */
export class AmbiguousDeploymentError extends VastRuntimeError {
  public override readonly name = 'AmbiguousDeploymentError';
}

/** The deployment lacks what is needed for this, such as a client. */
export class NotInDeploymentError extends VastRuntimeError {
  public override readonly name = 'NotInDeploymentError';
}

/** Something did not happen within the time that was given. What AWS was told to do goes on. */
export class WaitTimeoutError extends VastRuntimeError {
  public override readonly name = 'WaitTimeoutError';
}

/** What was given cannot be used. */
export class InvalidInputError extends VastRuntimeError {
  public override readonly name = 'InvalidInputError';
}
