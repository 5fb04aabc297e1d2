import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { ExecScene } from './exec-scene';
import { CAPTURED_COMMAND, CapturedCommand, runCaptured } from '../../src/runtime/exec/captured';
import { Session } from '../../src/runtime/exec/session';
import { webSocketConnect } from '../../src/runtime/exec/websocket-transport';
import { MemoryWatch } from '../held-memory';

// Captured commands through the whole protocol: our client, the gateway of the local AWS, a shell in a container.

/** The agent without its habits. */
const PLAIN = { pacingMilliseconds: 0, utf8: false };

let scene: ExecScene;

beforeAll(async () => {
  scene = await ExecScene.open('captured');
}, 300_000);
afterEach(async () => scene?.switch({}));
afterAll(async () => scene?.close());

async function run(script: string, options: Partial<CapturedCommand> = {}) {
  const session = await Session.open({ ...await scene.execute(CAPTURED_COMMAND), clientVersion: '1.2.677.0', connect: webSocketConnect() });
  try {
    return await runCaptured(session, { script, ...options });
  } finally {
    await session.terminate();
  }
}

/** So many at a time. */
async function each<T>(items: Iterable<T>, work: (item: T) => Promise<void>, atATime = 6): Promise<void> {
  const waiting = [...items];
  await Promise.all(Array.from({ length: atATime }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  }));
}

test('all exit codes, with the habits of the real agent', async () => {
  const seen: number[] = [];
  await each(Array.from({ length: 256 }, (_, code) => code), async (code) => { seen[code] = (await run(`exit ${code}`)).exitCode; });
  expect(seen).toEqual(Array.from({ length: 256 }, (_, code) => code));
});

test('commands, environments and output of all kinds arrive as they were sent', async () => {
  const nasty = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\'', '"', '\\', '\n', '\r', '$', '`', '😀', 'é', ' ', '\t', '%', '\u0003', '\u0004', '\ufffd') }))
    .filter(text => !text.includes('\0') && !/\p{Surrogate}/u.test(text));
  const samples = fc.sample(fc.tuple(nasty, nasty), 60);
  await each(samples, async ([value, text]) => {
    const quoted = `'${text.replaceAll('\'', '\'\\\'\'')}'`;
    const { exitCode, stdout, stderr } = await run(`printf %s "$VALUE"; printf %s ${quoted} >&2`, { env: { VALUE: value } });
    expect([exitCode, stdout.toString(), stderr.toString()]).toEqual([0, value, text]);
  });
});

test('100 MB, with the same SHA-256 at both ends, in bounded memory', async () => {
  await scene.switch({ quirks: PLAIN });
  const hash = createHash('sha256');
  const memory = new MemoryWatch();
  const result = await run('head -c 50000000 /dev/urandom >/tmp/noise; cat /tmp/noise /tmp/noise; cat /tmp/noise /tmp/noise | sha256sum >&2; rm /tmp/noise', {
    onStdout: (piece) => {
      hash.update(piece);
      memory.take(piece.length);
    },
  });
  expect([result.exitCode, result.stdoutBytes]).toEqual([0, 100_000_000]);
  expect(result.stderr.toString().split(' ')[0]).toBe(hash.digest('hex'));
  expect(memory.most).toBeLessThan(40_000_000);
});

test('over a network that reorders, doubles, delays and fragments, nothing is lost', async () => {
  await each([1, 2, 3, 4], async (seed) => {
    await scene.switch({ quirks: PLAIN, faults: { seed, reorder: 0.1, duplicate: 0.1, split: 0.1, delay: 0.002, delayMilliseconds: 50 } });
    const { exitCode, stdout, stderr } = await run('cat; echo "$VALUE" >&2; exit 7', { stdin: Buffer.alloc(300_000, 'line\n'), env: { VALUE: 'x'.repeat(100_000) } });
    expect([exitCode, stdout.equals(Buffer.alloc(300_000, 'line\n')), stderr.length]).toEqual([7, true, 100_001]);
  }, 1);
});
