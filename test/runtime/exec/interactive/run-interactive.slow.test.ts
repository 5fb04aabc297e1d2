import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { PseudoTerminal } from './pseudo-terminal';

jest.setTimeout(60_000);

let directory: string;
let program: string;
let terminal: PseudoTerminal;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'vast-interactive-'));
  program = path.join(directory, 'session.js');
  buildSync({
    entryPoints: [path.join(__dirname, 'session-in-terminal.ts')], outfile: program, bundle: true, platform: 'node', external: ['ws', '#aws-sdk/*'],
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeEach(async () => {
  terminal = await PseudoTerminal.open(process.execPath, [program]);
  await terminal.see('size 90x33;');
});
afterEach(() => terminal.close());

/** The terminal is as it was before the program began. */
async function restored(): Promise<number> {
  const { exit, modes } = await terminal.ended();
  expect(modes).toBe(terminal.modesBefore);
  return exit;
}

async function becomes(modes: string): Promise<void> {
  while (await terminal.currentModes() !== modes) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

describe('what is typed', () => {
  test.each([
    ['Ctrl-C', '\x03', '<03>'],
    ['Ctrl-Z', '\x1a', '<1a>'],
    ['Ctrl-\\', '\x1c', '<1c>'],
    ['Ctrl-D', '\x04', '<04>'],
    ['Ctrl-S and Ctrl-Q', '\x13\x11', '<1311>'],
    ['Ctrl-V', '\x16', '<16>'],
    ['the return key', '\r', '<0d>'],
    ['a lone line feed, as a return', '\n', '<0d>'],
    ['a line feed before others, as it is', '\nab', '<0a6162>'],
    ['a line feed among others, as it is', 'a\nb', '<610a62>'],
    ['a paste between its brackets', '\x1b[200~a\rb\x1b[201~', '<1b5b3230307e610d621b5b3230317e>'],
    ['bytes that are no text', Buffer.from([0, 0xff, 0xfe, 0x80]), '<00fffe80>'],
  ])('%s', async (_name, typed, seen) => {
    terminal.type(typed);
    await terminal.see(seen);
    terminal.type('quit;');
    expect(await restored()).toBe(0);
  });

  test('a character in pieces', async () => {
    for (const byte of Buffer.from('€')) {
      terminal.type(Buffer.from([byte]));
      await terminal.see(`<${byte.toString(16)}>`);
    }
  });

  test('a megabyte that is pasted, without a loss', async () => {
    const pasted = Buffer.from(randomBytes(512 * 1024).toString('hex'));
    terminal.type(pasted);
    terminal.type('sum;');
    const all = Buffer.concat([pasted, Buffer.from('sum;')]);
    await terminal.see(`sum ${all.length} ${createHash('sha256').update(all).digest('hex')}`);
    terminal.type('quit;');
    expect(await restored()).toBe(0);
  });
});

test('a new size is told', async () => {
  terminal.resize(120, 40);
  await terminal.see('size 120x40;');
  terminal.resize(121, 41);
  await terminal.see('size 121x41;');
});

test('what is shown is not changed', async () => {
  const from = terminal.shown.length;
  terminal.type('bare;');
  await terminal.see('a\nb', from);
});

describe('the terminal is as it was', () => {
  test('after the end', async () => {
    expect(await terminal.currentModes()).not.toBe(terminal.modesBefore);
    terminal.type('quit;');
    await terminal.see('ended {"message":""}');
    expect(await restored()).toBe(0);
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)('after %s', async (signal) => {
    terminal.signal(signal);
    await terminal.see(`"signal":"${signal}"`);
    expect(await restored()).toBe(0);
  });

  test('after an error that nobody has foreseen', async () => {
    terminal.type('crash;');
    await terminal.see('a bug of ours');
    expect(await restored()).toBe(1);
  });

  test('after an end in the middle', async () => {
    terminal.type('exit;');
    expect(await restored()).toBe(5);
  });

  test('after it was called off', async () => {
    terminal.type('abort;');
    await terminal.see('\r\nfailed: it was called off\r\n');
    expect(await restored()).toBe(1);
  });

  test.each([['SIGTERM', () => terminal.signal('SIGTERM')], ['a crash', () => terminal.type('crash;')], ['its end', () => terminal.type('quit;')]])(
    'after %s in an editor', async (_what, end) => {
      terminal.type('editor;');
      await terminal.see('editing');
      end();
      await restored();
      expect(terminal.shown).toMatch(/editing.*\x1b\[\?1049l\x1b\[\?25h\x1b\[\?2004l/s);
    });
});

test('a process that was stopped goes on with the terminal', async () => {
  const raw = await terminal.currentModes();
  terminal.signal('SIGSTOP');
  terminal.cook();
  expect(await terminal.currentModes()).not.toBe(raw);
  terminal.signal('SIGCONT');
  await becomes(raw);
  terminal.type('\x03');
  await terminal.see('<03>');
});

test('a process that is asked to stop gives the terminal back for the time', async () => {
  const raw = await terminal.currentModes();
  terminal.signal('SIGTSTP');
  await becomes(terminal.modesBefore!);
  terminal.signal('SIGCONT');
  await becomes(raw);
  terminal.type('\x03');
  await terminal.see('<03>');
  terminal.type('quit;');
  expect(await restored()).toBe(0);
});
