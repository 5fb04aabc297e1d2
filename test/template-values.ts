/** What CloudFormation would know once the template is deployed: attributes of resources by logical id. */
export class Deployed {
  constructor(private readonly attributes: { [logicalId: string]: { [attribute: string]: string } } = {}) {}

  /** The value that was given; where none was, a text that says what it stands for. */
  public attribute(logicalId: string, attribute: string): string {
    return this.attributes[logicalId]?.[attribute] ?? (attribute === 'Ref' ? `<${logicalId}>` : `<${logicalId}.${attribute}>`);
  }
}

/**
 * The text that a value of a template becomes when it is deployed.
 *
 * It knows the functions that this package uses, and fails on all others.
 */
export function literal(deployed: Deployed, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value);
  }
  const [[name, argument]] = Object.entries(value as { [name: string]: unknown });
  const list = argument as unknown[];
  switch (name) {
    case 'Ref':
      return deployed.attribute(argument as string, 'Ref');
    case 'Fn::GetAtt':
      return deployed.attribute(list[0] as string, list[1] as string);
    case 'Fn::Join':
      return (list[1] as unknown[]).map(part => literal(deployed, part)).join(list[0] as string);
    case 'Fn::Sub': {
      const [text, variables] = list as [string, { [name: string]: unknown }];
      return text.replace(/\$\{(\w+)\}/g, (_all, variable) => literal(deployed, variables[variable] ?? { Ref: variable }));
    }
    default:
      throw new Error(`not a function that is known here: ${name}`);
  }
}
