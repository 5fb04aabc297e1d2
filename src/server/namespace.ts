import { Token } from 'aws-cdk-lib';
import { SERVER_NAME } from './vast-server';

/** Labels of printable ASCII characters. Source: the patterns of Cloud Map's CreatePrivateDnsNamespace, and RFC 1035 for the lengths. */
const NAMESPACE = /^[!-\-/-~]{1,63}(\.[!-\-/-~]{1,63})*\.?$/;

/** The longest DNS name. Source: RFC 1035, without the length octets. */
const LONGEST_NAME = 253;

/** The name of the Cloud Map namespace: the given one, or one that is derived from the id of the construct. */
export function namespaceOf(id: string, namespaceName?: string): string {
  return namespaceName ?? `${id.toLowerCase().replace(/[^a-z0-9-]/g, '')}.internal`;
}

/** Lists the problems of a namespace, given or derived. */
export function namespaceProblems(id: string, namespaceName?: string): string[] {
  const name = namespaceOf(id, namespaceName);
  if (Token.isUnresolved(name)) {
    return [];
  }
  if (namespaceName === undefined) {
    return NAMESPACE.test(name) && !/^-+\./.test(name) ? [] : [
      `the construct id '${id}' gives the namespace '${name}', which is not a DNS name: give namespaceName, or another id`,
    ];
  }
  if (!NAMESPACE.test(name)) {
    return [`namespaceName '${name}' is not a DNS name: give one such as 'vast.internal', with labels of 1 to 63 ASCII characters without spaces`];
  }
  const longest = LONGEST_NAME - `${SERVER_NAME}.`.length;
  return name.length <= longest ? [] : [
    `namespaceName is ${name.length} characters long: give at most ${longest}, `
    + `because the server's DNS name begins with '${SERVER_NAME}.' and is limited to ${LONGEST_NAME}`,
  ];
}
