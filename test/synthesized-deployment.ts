import { CfnResource, Stack, StackProps, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Construct, IConstruct } from 'constructs';
import { VastDeployment, VastDeploymentProps } from '../src';

/** The CIDR of every deployment in the tests that does not care which. */
export const CIDR = '172.31.48.0/24';

/** A stack with an environment, for what CDK does differently there, such as lookups. */
export const ENV = { account: '111111111111', region: 'eu-central-1' };

/** A resource as it stands in a template. */
export interface TemplateResource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template is JSON of every shape
  readonly Properties: { [name: string]: any };
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: object;
}

/**
 * A root like `App`, but without the template linter, which loads for seconds in each test file.
 *
 * test/template-linters.slow.test.ts has it for all of them.
 */
export function rootOfTests(context: { [key: string]: unknown } = {}): Stage {
  const root = new Stage(undefined as unknown as Construct, '');
  Object.entries(context).forEach(([key, value]) => root.node.setContext(key, value));
  return root;
}

/** A stack below a root of its own, named `Stack`. */
export function stackOfTests(props?: StackProps, context?: { [key: string]: unknown }): Stack {
  return new Stack(rootOfTests(context), 'Stack', props);
}

/** What one deployment looks like in its template. */
export class SynthesizedDeployment {
  public readonly deployment: VastDeployment;
  private synthesized?: Template;

  constructor(props: Partial<VastDeploymentProps> = {}, public readonly stack: Stack = stackOfTests()) {
    this.deployment = new VastDeployment(stack, 'Vast', { cidr: CIDR, ...props });
  }

  /** The template; what is added to the stack after the first call is not in it. */
  get template(): Template {
    return this.synthesized ??= Template.fromStack(this.stack);
  }

  /** All the resources of a type, by logical id. */
  public all(type: string): { [logicalId: string]: TemplateResource } {
    return this.template.findResources(type) as { [logicalId: string]: TemplateResource };
  }

  /** The only resource of a type. */
  public only(type: string): TemplateResource & { readonly logicalId: string } {
    const found = Object.entries(this.all(type));
    if (found.length !== 1) {
      throw new Error(`${found.length} resources of type ${type}: ${found.map(([id]) => id).join(', ')}`);
    }
    const [[logicalId, resource]] = found;
    return { logicalId, ...resource };
  }

  /** The resource of a construct. */
  public resourceOf(construct: IConstruct): TemplateResource & { readonly logicalId: string } {
    const logicalId = refTo(this.stack, construct).Ref;
    const resources = this.template.toJSON().Resources as { [id: string]: TemplateResource };
    return { logicalId, ...resources[logicalId] };
  }

  /** The task definition of the server. */
  get taskDefinition(): TemplateResource & { readonly logicalId: string } {
    return this.resourceOf(this.deployment.taskDefinition);
  }

  /** The container of the server. */
  get container(): TemplateResource['Properties'] {
    return onlyContainer(this.taskDefinition);
  }

  /** The container of one-off tasks. */
  get extraContainer(): TemplateResource['Properties'] {
    return onlyContainer(this.resourceOf(this.deployment.extraTaskDefinition));
  }

  /** The warnings of the stack, as CDK prints them. */
  get warnings(): string[] {
    return Annotations.fromStack(this.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  }

  /** The template as text, for comparisons to the byte. */
  get text(): string {
    return JSON.stringify(this.template.toJSON(), undefined, 1);
  }
}

function onlyContainer({ Properties: { ContainerDefinitions: containers } }: TemplateResource): TemplateResource['Properties'] {
  expect(containers).toHaveLength(1);
  return containers[0];
}

/** What a deployment without a client looks like, for tests that count what belongs to server, storage and network. */
export function serverAlone(props: Partial<VastDeploymentProps> = {}, stack?: Stack): SynthesizedDeployment {
  return new SynthesizedDeployment({ client: { enabled: false }, ...props }, stack);
}

/** The sentences with which a deployment is refused; fails where it is not. */
export function refusalOf(props: Partial<VastDeploymentProps>, stack?: Stack): string {
  try {
    new SynthesizedDeployment(props, stack);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the deployment was not refused');
}

/** The logical id of a construct's resource, as a token that the template has in its place. */
export function refTo(stack: Stack, construct: IConstruct): { Ref: string } {
  return { Ref: stack.resolve((construct.node.defaultChild as CfnResource).logicalId) };
}
