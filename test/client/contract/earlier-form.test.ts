import * as fc from 'fast-check';
import { isEarlierForm } from '../../../src/client/contract/earlier-form';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Programs and builtins whose names have four, eight or twelve letters and are canonical base64. */
const NAMES = [
  'true', 'date', 'file', 'find', 'grep', 'gzip', 'host', 'kill', 'less', 'link', 'make', 'nice', 'node', 'perl', 'ping', 'pwdx', 'sort', 'stat',
  'sync', 'tail', 'tree', 'type', 'uniq', 'vast', 'wait', 'zcat', 'zstd', 'bash', 'cron', 'curl', 'diff', 'echo', 'exit', 'fish', 'fold', 'free',
  'also', 'esac', 'envsubst', 'basename', 'truncate', 'hostname', 'realpath', 'sha1sum1', 'unexpand', 'vmtouch1', 'systemctl123', 'usr/bin/true',
  'bin/file', 'a/b/c/d1', 'sha256su', 'cksum123',
];

/** What people have their Lambda functions run. */
const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{1,11}$/);
const argument = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_./=:@%+-]{1,16}$/),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => `'${text.replace(/['\p{Cc}\p{Surrogate}]/gu, '')}'`),
  fc.stringMatching(/^\$[A-Z]{1,8}$/),
);
const simple = fc.tuple(word, fc.array(argument, { maxLength: 4 })).map(([name, rest]) => [name, ...rest].join(' '));
const command = fc.tuple(simple, fc.array(fc.tuple(fc.constantFrom(' | ', '; ', ' && ', '\n', ' > /tmp/'), simple), { maxLength: 3 }))
  .map(([first, rest]) => first + rest.map(([joint, next]) => joint + next).join(''));

test('base64 of a command is recognized', () => {
  fc.assert(fc.property(command, text => isEarlierForm(base64(text))), { numRuns: 2000 });
});

test.each(['ls', 'id', 'zip', 'rm sh1', 'aws s3 ls', '#!/bin/bash\nset -e\n\techo "ä"\r\n', '[ -e /tmp ] && echo', '/bin/true', './run.sh', '$CMD', '{ a; }'])(
  'base64 of %j is recognized', text => expect(isEarlierForm(base64(text))).toBe(true));

test.each(NAMES)('%s is a command as it stands', name => {
  expect(isEarlierForm(name)).toBe(false);
});

test('a command with anything but letters, digits and slashes in it is one as it stands', () => {
  fc.assert(fc.property(command.filter(text => !/^[A-Za-z0-9+/]*={0,2}$/.test(text)), text => !isEarlierForm(text)), { numRuns: 2000 });
});

test('a word of four to sixteen small letters is hardly ever taken for base64', () => {
  let [mistaken, all] = [0, 0];
  fc.assert(fc.property(fc.stringMatching(/^([a-z]{4}){1,4}$/), text => {
    all++;
    mistaken += isEarlierForm(text) ? 1 : 0;
  }), { numRuns: 5000, seed: 1 });
  expect(mistaken / all).toBeLessThan(0.005);
});

test.each(['', '=', '====', 'bHM', 'bHM==', 'bHN=', 'bHM=\n', ' bHM=', 'bHM_', base64('\0'), base64('\x1b[1m'), Buffer.from([0xff, 0xfe, 0xfd]).toString('base64')])(
  '%j is no base64 of a command', text => expect(isEarlierForm(text)).toBe(false));
