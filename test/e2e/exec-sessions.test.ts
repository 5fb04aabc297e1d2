import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ExecScene } from './exec-scene';
import { CapturedCommand, ExecFault } from '../../src/runtime/exec/captured';
import { execute } from '../../src/runtime/exec/execute';
import { openSession } from '../../src/runtime/exec/open-session';

// Sessions that are encrypted with a key of KMS, and sessions whose connection is cut and taken up again, as our own client
// opens them: ECS, KMS and Systems Manager of the local AWS, its gateway, and a shell in a container.

/** The agent without its habits. */
const PLAIN = { pacingMilliseconds: 0, utf8: false };

/** After a hundred frames or so a connection is lost, three times at most. */
const CUTS = { cut: 0.01, limit: 3 };

const SECRET = 'nobody-reads-this';

let scene: ExecScene;
let directory: string;
let keyId: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-exec-sessions-'));
  scene = await ExecScene.open('sessions');
  keyId = await scene.makeKey();
}, 300_000);
afterEach(async () => {
  await scene?.switch({});
  await scene?.configure({ logging: 'NONE' });
});
afterAll(async () => {
  await scene?.close();
  rmSync(directory, { recursive: true, force: true });
});

const encrypt = (kmsKeyId = keyId) => scene.configure({ kmsKeyId, logging: 'NONE' });

const run = async (script: string, options: Partial<CapturedCommand> = {}) => execute(scene.calls, script, { taskId: scene.taskId, ...options });

/** The frames of all connections, in hexadecimal digits; each connection begins with a text frame. */
async function recorded(name: string, faults?: object) {
  const recordFile = `${name}.jsonl`;
  await scene.switch({ recordFile, quirks: PLAIN, ...faults && { faults } });
  return () => {
    const frames = readFileSync(scene.recording(recordFile), 'utf8');
    return { frames, connections: frames.match(/"text"/g)?.length };
  };
}

/** A command that has everything: input, both streams, an environment and an exit code. */
async function everything() {
  const stdin = Buffer.concat([Buffer.from(`${SECRET}\n`.repeat(1000)), randomBytes(200_000)]);
  const { exitCode, stdout, stderr } = await run('cat; echo "$VALUE" >&2; exit 7', { stdin, env: { VALUE: SECRET } });
  expect(exitCode).toBe(7);
  expect(stdout.equals(stdin)).toBe(true);
  expect(stderr.toString()).toBe(`${SECRET}\n`);
}

/** Types into a shell; ends when the shell does. */
async function typed(): Promise<string> {
  const session = await openSession(scene.calls, 'sh', { taskId: scene.taskId });
  let shown = '';
  session.onOutput((data) => { shown += data.toString('latin1'); });
  session.resize({ cols: 120, rows: 40 });
  await session.write(Buffer.from(`stty size; echo ${SECRET.toUpperCase()} | tr A-Z a-z\r`));
  await session.write(Buffer.from('seq 100000 | cksum; seq 20000; exit\r'));
  await session.ended;
  return shown;
}

function expectTyped(shown: string): void {
  // What is typed may be there before the shell has shown its first prompt, which then follows.
  expect(shown).toMatch(/\r\n([#$] )?40 120\r\n/);
  expect(shown).toContain(`\r\n${SECRET}\r\n`);
  const numbers = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join('');
  expect(shown.endsWith(`\r\n${numbers}`)).toBe(true);
}

const hex = (text: string) => Buffer.from(text).toString('hex');

describe('encrypted', () => {
  test('a captured command', async () => {
    await encrypt();
    const seen = await recorded('captured');
    await everything();
    expect(seen().frames).toContain(hex('KMSCipherTextKey'));
    for (const readable of [SECRET, 'cat; echo', '/bin/sh']) {
      expect(seen().frames).not.toContain(hex(readable));
    }
  });

  test('a shell', async () => {
    await encrypt();
    const seen = await recorded('shell');
    expectTyped(await typed());
    expect(seen().frames).not.toContain(hex(SECRET));
    expect(seen().frames).not.toContain(hex(SECRET.toUpperCase()));
  });

  test('not without the key', async () => {
    const lost = await scene.makeKey();
    await encrypt(lost);
    await scene.disableKey(lost);
    await expect(run('true')).rejects.toMatchObject({ name: 'SessionRefusedError', message: expect.stringContaining('is disabled') });
  });
});

describe('cut, and taken up again', () => {
  test('a captured command', async () => {
    const seen = await recorded('cut-captured', { seed: 3, ...CUTS });
    await everything();
    expect(seen().connections).toBeGreaterThan(1);
  });

  test('a shell', async () => {
    const seen = await recorded('cut-shell', { seed: 4, ...CUTS });
    expectTyped(await typed());
    expect(seen().connections).toBeGreaterThan(1);
  });

  test('encrypted as well', async () => {
    await encrypt();
    const seen = await recorded('cut-encrypted', { seed: 5, ...CUTS });
    await everything();
    expectTyped(await typed());
    expect(seen().connections).toBeGreaterThan(2);
    expect(seen().frames).not.toContain(hex(SECRET));
  });

  test('one that is cut for ever is a failure, and no exit code', async () => {
    await recorded('lost', { seed: 6, cut: 0.2 });
    await expect(run('seq 100000')).rejects.toMatchObject({ name: 'ExecOutcomeUnknownError', fault: ExecFault.SESSION_OVER });
  }, 60_000);
});
