import * as fc from 'fast-check';
import { InvalidEventError, parseEvent } from '../../../src/client/contract';

const cmd = 'true';

function problems(event: unknown): string[] {
  try {
    parseEvent(event);
    return [];
  } catch (error) {
    return (error as InvalidEventError).problems;
  }
}

test('what is left out has its default', () => {
  expect(parseEvent({ cmd: 'echo a' })).toEqual({ cmd: Buffer.from('echo a'), env: [], stdin: undefined, stream: false, failOnNonZero: false });
});

test('everything that can be said', () => {
  const event = { cmd: '/w==', cmdEncoding: 'base64', env: { A: '1', __proto__x: '' }, stdin: 'AA==', stdinEncoding: 'base64', stream: true, failOnNonZero: true, timeoutSeconds: 0.5 };
  expect(parseEvent(event)).toEqual({
    cmd: Buffer.from([0xff]), env: [['A', '1'], ['__proto__x', '']], stdin: Buffer.from([0]), stream: true, failOnNonZero: true, timeoutSeconds: 0.5,
  });
});

test.each<[string, unknown, string[]]>([
  ['no object', 'true', ['it must be an object with the field cmd, not a string']],
  ['an array', [], ['it must be an object with the field cmd, not an array']],
  ['nothing', {}, ['cmd is missing']],
  ['null', { cmd: null }, ['cmd must be a string, not null']],
  ['blanks', { cmd: ' \n\t' }, ['cmd is empty']],
  ['a NUL byte', { cmd: 'a\0b' }, ['cmd contains a NUL byte, which no command can']],
  ['half a character', { cmd: 'echo \ud800' }, ['cmd contains half a surrogate pair, which is no text']],
  ['an encoding that there is not', { cmd, cmdEncoding: 'hex' }, ["cmdEncoding must be 'utf8' or 'base64', not \"hex\""]],
  ['base64 that is none', { cmd: 'a b', cmdEncoding: 'base64' }, ['cmd is not base64, which cmdEncoding says it is']],
  ['base64 that was cut', { cmd: 'AAA', cmdEncoding: 'base64' }, ['cmd is not base64, which cmdEncoding says it is']],
  ['base64 with too much padding', { cmd: 'A===', cmdEncoding: 'base64' }, ['cmd is not base64, which cmdEncoding says it is']],
  ['input that is no text', { cmd, stdin: 7 }, ['stdin must be a string, not a number']],
  ['a misspelt field', { cmd, Stream: true }, ['it has no field "Stream" (there are cmd, cmdEncoding, stdin, stdinEncoding, stream, failOnNonZero, timeoutSeconds, env)']],
  ['no time at all', { cmd, timeoutSeconds: 0 }, ['timeoutSeconds must be a number above 0, not 0']],
  ['a time that is no number', { cmd, timeoutSeconds: '5' }, ['timeoutSeconds must be a number above 0, not a string']],
  ['an environment that is none', { cmd, env: ['A=1'] }, ['env must be an object of strings']],
  ['a value that is no text', { cmd, env: { A: 1 } }, ['env\'s "A" must be a string']],
  ['a value with a NUL byte', { cmd, env: { A: 'a\0b' } }, ['env\'s "A" contains a NUL byte']],
  ['a value that is too long', { cmd, env: { A: 'x'.repeat(131_072) } }, ['env\'s "A" is longer than the 128 KiB that Linux allows']],
])('%s', (_, event, expected) => {
  expect(problems(event)).toEqual(expected);
});

test.each(['', 'a=b', '1a', 'a b', 'a\nb', 'a\0b', 'a-b', 'BASH_FUNC_x%%', 'ä', 'x'.repeat(100) + '='])('the environment cannot have the name %j', name => {
  expect(problems({ cmd, env: { [name]: 'x' } })).toEqual([expect.stringContaining('env has the name')]);
});

test('an environment that is too large altogether', () => {
  const env = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`A${index}`, 'x'.repeat(60_000)]));
  expect(problems({ cmd, env })).toEqual(['env is larger than 1 MiB in total']);
});

test('input of the largest size that Lambda hands over', () => {
  const bytes = Buffer.alloc(4.5 * 1024 * 1024, 0xff);
  expect(parseEvent({ cmd, stdin: bytes.toString('base64'), stdinEncoding: 'base64' }).stdin!.equals(bytes)).toBe(true);
});

test('all that is wrong is said at once', () => {
  expect(problems({ cmd: '', stream: 1, wrong: 2, env: { '': 3 } })).toHaveLength(5);
});

test('whatever the event is, the answer is a command or a list of problems', () => {
  fc.assert(fc.property(fc.oneof(
    fc.jsonValue(),
    fc.record({ cmd: fc.jsonValue(), env: fc.jsonValue(), stdin: fc.jsonValue(), cmdEncoding: fc.constantFrom('utf8', 'base64', 'x'), stream: fc.jsonValue() }, { requiredKeys: [] }),
  ), event => {
    const found = problems(event);
    expect(Array.isArray(found)).toBe(true);
  }));
});
