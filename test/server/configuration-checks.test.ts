import { aws_s3 as s3, Lazy, Token } from 'aws-cdk-lib';
import { VastVersion } from '../../src';
import { configurationProblems } from '../../src/server/configuration-checks';
import { refusalOf, stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const problems = (engineConfiguration: unknown, version = VastVersion.V3_1_0) =>
  configurationProblems(version, engineConfiguration as { [key: string]: unknown } | undefined);

const CURE = 'which JSON cannot represent: give a string, a finite number, a boolean, null, a list or an object, or leave it out';

test.each([['v3.1.0', 'tenzir', 'vast'], ['v6.20.0', 'vast', 'tenzir']])('%s does not read the key %s', (name, wrong, right) => {
  const version = VastVersion.of(name);
  expect(problems({ [wrong]: {} }, version)).toEqual([
    `engineConfiguration has the key '${wrong}', which ${name} does not read: its own options stand under '${right}'`,
  ]);
  expect(problems({ [right]: {}, plugins: [] }, version)).toEqual([]);
});

test.each<[unknown, string]>([
  [NaN, 'NaN'], [Infinity, 'Infinity'], [-Infinity, '-Infinity'], [1n, 'a bigint'], [() => 1, 'a function'], [Symbol('x'), 'a symbol'],
  [new Map(), 'a Map'], [new Set(), 'a Set'],
])('%p is refused with its path', (value, name) => {
  expect(problems({ vast: { a: value } })).toEqual([`engineConfiguration.vast.a is ${name}, ${CURE}`]);
  expect(problems({ a: [1, { b: value }] })).toEqual([`engineConfiguration.a[1].b is ${name}, ${CURE}`]);
  expect(problems({ 'vast.max-partition-size': value })).toEqual([`engineConfiguration['vast.max-partition-size'] is ${name}, ${CURE}`]);
});

test('a hole in a list is refused', () => {
  expect(problems({ a: [1, , 3] })).toEqual([`engineConfiguration.a[1] is undefined, ${CURE}`]); // eslint-disable-line no-sparse-arrays
});

test('a construct is refused', () => {
  expect(problems({ vast: { bucket: new s3.Bucket(stackOfTests(), 'Bucket') } })).toEqual([`engineConfiguration.vast.bucket is a construct, ${CURE}`]);
});

test('an object that contains itself is refused, one that occurs twice is accepted', () => {
  const shared: { [key: string]: unknown } = { x: 1 };
  expect(problems({ vast: { a: shared, b: [shared, shared] } })).toEqual([]);
  shared.y = [shared];
  expect(problems({ vast: { a: shared } })).toEqual([`engineConfiguration.vast.a.y[0] is an object that contains itself, ${CURE}`]);
});

test.each([[[]], ['vast: {}'], [''], [5], [true], [() => 1]])('%p as a whole is refused', (configuration) => {
  const sentence = "engineConfiguration is not an object: give one such as { vast: { 'max-partition-size': 1048576 } }";
  expect(problems(configuration)).toEqual([sentence]);
  expect(refusalOf({ engineConfiguration: configuration as {} })).toBe(`Stack/Vast: ${sentence}`);
});

test.each([['x'], [5], [[]]])('%j in place of the engine\'s own options is refused', (options) => {
  expect(problems({ tenzir: options }, VastVersion.V6_20_0)).toEqual([
    "engineConfiguration.tenzir is not an object: give one such as { tenzir: { 'max-partition-size': 1048576 } }",
  ]);
});

test('whatever JSON can represent is accepted', () => {
  expect(problems(undefined)).toEqual([]);
  expect(problems({ vast: { a: undefined } })).toEqual([]);
  expect(problems({})).toEqual([]);
  expect(problems({ vast: { a: '', b: 0, c: false, d: null, e: [], f: {}, g: [[{ h: -1.5 }]] }, plugins: ['x'], since: new Date(0) })).toEqual([]);
});

test('tokens are not judged', () => {
  const tokens = {
    a: Token.asString({ Ref: 'A' }), b: Token.asNumber({ Ref: 'B' }), c: Token.asList({ Ref: 'C' }), d: Lazy.any({ produce: () => ({ e: 1 }) }),
  };
  expect(problems({ vast: tokens })).toEqual([]);
  expect(problems({ vast: Token.asAny({ Ref: 'Vast' }) })).toEqual([]);
  expect(problems(Lazy.any({ produce: () => ({}) }))).toEqual([]);
  expect(() => new SynthesizedDeployment({ engineConfiguration: { vast: tokens } }).template).not.toThrow();
});
