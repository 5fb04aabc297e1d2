import { Lazy, Token } from 'aws-cdk-lib';
import { VastDeployment } from '../../src';
import { namespaceOf, namespaceProblems } from '../../src/server/namespace';
import { CIDR, refusalOf, stackOfTests } from '../synthesized-deployment';

const label = (length: number) => 'a'.repeat(length);

/** A name of exactly this length, with labels that are not too long. */
const nameOf = (length: number) => `${label(49)}.`.repeat(5).slice(0, length);

describe('namespaceName', () => {
  test.each(['', ' ', 'a b.c', 'a..b', '.internal', '.', 'é.internal', 'a\n.internal', `${label(64)}.internal`])('%j is refused', (name) => {
    expect(namespaceProblems('Vast', name)).toEqual([
      `namespaceName '${name}' is not a DNS name: give one such as 'vast.internal', with labels of 1 to 63 ASCII characters without spaces`,
    ]);
  });

  // Cloud Map documents ^[!-~]{1,253}$ for private namespaces.
  test.each(['vast.internal', 'internal', 'Vast.Internal', 'my_vast.internal', '-a-.internal', 'vast.internal.', `${label(63)}.internal`])(
    '%j is accepted', (name) => {
      expect(namespaceProblems('Vast', name)).toEqual([]);
    });

  test('the server\'s name is a DNS name, which has 253 characters at most', () => {
    expect(namespaceProblems('Vast', nameOf(241))).toEqual([]);
    expect(namespaceProblems('Vast', nameOf(242))).toEqual([
      'namespaceName is 242 characters long: give at most 241, because the server\'s DNS name begins with \'vast-server.\' and is limited to 253',
    ]);
  });

  test('tokens are not judged', () => {
    expect(namespaceProblems('Vast', Token.asString({ Ref: 'Namespace' }))).toEqual([]);
    expect(namespaceProblems('Vast', Lazy.string({ produce: () => 'vast.internal' }))).toEqual([]);
  });

  test('is used as it is given', () => {
    expect(namespaceOf('Vast', 'Other.Internal')).toBe('Other.Internal');
  });
});

describe('the namespace that is derived from the id', () => {
  test.each([
    ['Vast', 'vast.internal'], ['My_Vast2', 'myvast2.internal'], ['Vast-', 'vast-.internal'], ['-x', '-x.internal'], ['é1', '1.internal'],
    [label(63), `${label(63)}.internal`],
  ])('of %j is %s', (id, namespace) => {
    expect(namespaceProblems(id)).toEqual([]);
    expect(namespaceOf(id)).toBe(namespace);
  });

  test.each([[' ', '.internal'], ['é', '.internal'], ['__', '.internal'], ['-', '-.internal'], [label(70), `${label(70)}.internal`]])(
    '%j is refused with what to give instead', (id, namespace) => {
      expect(namespaceProblems(id)).toEqual([
        `the construct id '${id}' gives the namespace '${namespace}', which is not a DNS name: give namespaceName, or another id`,
      ]);
    });

  test('does not matter where namespaceName is given', () => {
    expect(namespaceProblems('__', 'vast.internal')).toEqual([]);
  });
});

test('a deployment is refused, and nothing is created', () => {
  expect(refusalOf({ namespaceName: 'a b.c' })).toContain("Stack/Vast: namespaceName 'a b.c' is not a DNS name");
  expect(() => new VastDeployment(stackOfTests(), '__', { cidr: CIDR })).toThrow("the construct id '__' gives the namespace '.internal'");
});
