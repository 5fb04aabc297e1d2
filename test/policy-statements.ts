import { aws_iam as iam } from 'aws-cdk-lib';
import { SynthesizedDeployment, TemplateResource } from './synthesized-deployment';

/** A statement of a policy in a template. */
export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

/** The statements of some policies. */
export const statementsOf = (resources: { [id: string]: TemplateResource }): Statement[] =>
  Object.values(resources).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

/** The actions of a statement, of which there may be one. */
export const actionsOf = ({ Action }: Statement) => [Action].flat();

/** What a grant gives to a role of the tests' own: the statements that a grant has given it. */
export const granted = (synthesized: SynthesizedDeployment, grant: (role: iam.Role) => iam.Grant) => {
  const role = new iam.Role(synthesized.stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
  const result = grant(role);
  const policies = Object.entries(synthesized.all('AWS::IAM::Policy')).filter(([id]) => id.startsWith('Operator'));
  return { result, statements: statementsOf(Object.fromEntries(policies)) };
};
