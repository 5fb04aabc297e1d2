import { UserError } from './errors';
import { AwsCallError, AwsFailure, asAwsCallError } from '../runtime/aws-call-error';
import { AmbiguousDeploymentError, DeploymentNotFoundError, InvalidInputError, NotInDeploymentError } from '../runtime/errors';
import { ExecTargetError } from '../runtime/exec/errors';

/** Failures of AWS calls that the user can put right. */
const USERS = [AwsFailure.CREDENTIALS, AwsFailure.PERMISSION, AwsFailure.UNREACHABLE];

const USERS_ERRORS = [AmbiguousDeploymentError, DeploymentNotFoundError, ExecTargetError, InvalidInputError, NotInDeploymentError];

/** An error of the runtime or the AWS SDK as one that the user can put right; as it is where that cannot be said. */
export function withAdvice(error: unknown): unknown {
  const typed = asAwsCallError(error);
  const usersOwn = typed instanceof AwsCallError ? USERS.includes(typed.failure)
    : USERS_ERRORS.some(kind => typed instanceof kind);
  return usersOwn ? new UserError((typed as Error).message, { cause: error }) : typed;
}
