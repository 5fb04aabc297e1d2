import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ExecScene } from './exec-scene';
import { KmsByName } from './kms-by-name';
import { eventually, ROOT } from './scene';
import { buildPlugin, PseudoTerminal } from './session-manager-plugin';

// The gateway of the local AWS under AWS's own client, which is not ours and so cannot share our mistakes.

const built = buildPlugin();
const plugin = typeof built === 'string' ? undefined : built;
if (typeof built === 'string') {
  // Skipped tests are easily overlooked.
  console.warn(`no second opinion of ECS Exec: ${built}`);
}
const asked = plugin ? test : test.skip;

/** The agent without its habits. */
const PLAIN = { pacingMilliseconds: 0, utf8: false };
const MEGABYTE = 1024 * 1024;

let scene: ExecScene;
let terminal: PseudoTerminal | undefined;
const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-exec-oracle-'));

beforeAll(async () => {
  if (plugin) {
    scene = await ExecScene.open('exec-oracle');
  }
}, 300_000);

afterEach(async () => {
  terminal?.kill();
  await scene?.switch({});
});

afterAll(async () => {
  await scene?.close();
  plugin?.remove();
  rmSync(directory, { recursive: true, force: true });
});

async function session(command: string, size = '80x24', env: NodeJS.ProcessEnv = {}): Promise<PseudoTerminal> {
  const words = [plugin?.program ?? '', ...scene.pluginArguments(await scene.execute(command))];
  terminal = new PseudoTerminal(size, words, { ...scene.env, ...env });
  return terminal;
}

/** So many megabytes of printable characters, which a pattern does not hide the loss or the exchange of. */
function megabytes(count: number): Buffer {
  const megabyte = (index: number) => Buffer.from(Array.from({ length: MEGABYTE }, (_, at) => 32 + (at * 7919 + index) % 95));
  return Buffer.concat(Array.from({ length: count }, (_, index) => megabyte(index)));
}

const printing = (count: number) =>
  `sh -c 'stty raw -echo; perl -e "for my \\$i (0..${count - 1}) { print pack q(C*), map { 32 + (\\$_ * 7919 + \\$i) % 95 } 0..${MEGABYTE - 1} }"'`;

/** What the remote program has shown, without the plugin's own words around it. */
function remote(shown: Buffer): Buffer {
  const begin = /\nStarting session with SessionId: ecs-execute-command-[0-9a-f]+\n/.exec(shown.toString('latin1'));
  const end = shown.lastIndexOf('\n\nExiting session with sessionId: ');
  return shown.subarray((begin?.index ?? 0) + (begin?.[0].length ?? 0), end);
}

const sum = (data: Buffer) => createHash('sha256').update(data).digest('hex');

asked('an interactive session: typing, Ctrl-C and another size reach the program', async () => {
  const { shown, type, resize, waitFor, ended } = bound(await session('sh', '100x30'));
  await waitFor('# ');
  // The plugin looks for its terminal's size every half second.
  type('until [ "$(stty size)" = "30 100" ]; do sleep 0.1; done; echo "first: $(stty size)"\r');
  await waitFor('first: 30 100\r\n');
  resize('132x43');
  type('until [ "$(stty size)" = "43 132" ]; do sleep 0.1; done; echo "then: $(stty size)"\r');
  await waitFor('then: 43 132\r\n');
  type('sleep 1000\r');
  await waitFor('sleep 1000\r\n');
  await new Promise(resolve => setTimeout(resolve, 500));
  type('\x03');
  await waitFor('^C\r\n# ');
  type('echo "äöü€𝄞"; exit 7\r');
  // ECS tells nobody of the 7.
  expect(await ended).toBe(0);
  expect(shown().toString()).toContain('\r\näöü€𝄞\r\n');
  expect(shown().toString()).toContain('Exiting session with sessionId: ecs-execute-command-');
});

asked('10 MB of output, byte for byte, at the pace of the real agent', async () => {
  const { shown, ended } = bound(await session(printing(10)));
  const began = Date.now();
  expect(await ended).toBe(0);
  expect(sum(remote(shown()))).toBe(sum(megabytes(10)));
  // About 1 MB/s: were it faster, the quirk would be off.
  expect(Date.now() - began).toBeGreaterThan(9000);
}, 120_000);

asked('10 MB of output, byte for byte, as fast as it can be', async () => {
  await scene.switch({ quirks: PLAIN });
  const { shown, ended } = bound(await session(printing(10)));
  expect(await ended).toBe(0);
  expect(sum(remote(shown()))).toBe(sum(megabytes(10)));
}, 120_000);

asked.each([
  ['reordered', { reorder: 0.2 }], ['doubled', { duplicate: 0.2 }], ['fragmented', { split: 0.2 }], ['late', { delay: 0.002, delayMilliseconds: 50 }],
  ['all of that', { reorder: 0.1, duplicate: 0.1, split: 0.1, delay: 0.001 }],
])('1 MB of frames that are %s, byte for byte, and what was typed', async (_, faults) => {
  await scene.switch({ quirks: PLAIN, faults: { seed: 11, ...faults } });
  // Output that overtakes the end of the handshake is lost in the plugin: it is acknowledged before anybody takes it. The
  // plugin passes on what is typed when it takes output.
  const { shown, type, waitFor, ended } = bound(await session(
    `sh -c 'read start; stty -echo; echo ready; read line; echo "$line"; ${printing(1).slice("sh -c '".length)}`));
  type('\r');
  await waitFor('ready\r\n');
  for (const character of 'all of these characters arrive in their order') type(character);
  type('\r');
  expect(await ended).toBe(0);
  const before = 'ready\r\nall of these characters arrive in their order\r\n';
  const printed = remote(shown());
  // The first key is shown by the terminal in the container, and also by that of the plugin where it is not raw yet.
  const echoed = /^(\r\n){1,2}/.exec(printed.subarray(0, 4).toString())![0].length;
  const output = printed.subarray(echoed);
  expect(output.subarray(0, before.length).toString()).toBe(before);
  expect(sum(output.subarray(before.length))).toBe(sum(megabytes(1)));
}, 120_000);

asked('a connection that is cut is resumed', async () => {
  const recordFile = 'cut.jsonl';
  await scene.switch({ recordFile, quirks: PLAIN, faults: { seed: 5, cut: 0.002, limit: 2 } });
  const { shown, ended } = bound(await session(printing(2)));
  expect(await ended).toBe(0);
  expect(sum(remote(shown()))).toBe(sum(megabytes(2)));
  // Each connection begins with a text frame.
  expect(readFileSync(scene.recording(recordFile), 'utf8').match(/"text"/g)).toHaveLength(3);
}, 120_000);

asked('an encrypted session, with a key of the local KMS', async () => {
  const kms = await KmsByName.start(scene.local.endpoint, scene.local.env.AWS_REGION, directory);
  if (!kms) {
    console.warn('no second opinion of encrypted sessions: there is no openssl');
    return;
  }
  const recordFile = 'encrypted.jsonl';
  try {
    await scene.configure({ kmsKeyId: await scene.makeKey(), logging: 'NONE' });
    await scene.switch({ recordFile });
    const { shown, type, waitFor, ended } = bound(await session('sh', '80x24', kms.env));
    await waitFor('This session is encrypted using AWS KMS.');
    await waitFor('# ');
    type('echo "nobody reads this"; exit\r');
    expect(await ended).toBe(0);
    expect(shown().toString()).toContain('\r\nnobody reads this\r\n');
    const frames = readFileSync(scene.recording(recordFile), 'utf8');
    expect(frames).toContain(Buffer.from('KMSCipherTextKey').toString('hex'));
    expect(frames).not.toContain(Buffer.from('nobody').toString('hex'));
  } finally {
    kms.close();
    await scene.configure({ logging: 'NONE' });
  }
});

asked('what cannot be started is told', async () => {
  const { shown, ended } = bound(await session('/no/such/program'));
  await ended;
  expect(shown().toString()).toMatch(/SessionId: ecs-execute-command-[0-9a-f]+ : \n-+ERROR-+\nUnable to start command: Failed to start pty: fork\/exec \/no\/such\/program: no such file or directory\n/);
});

/** Set it to write the golden vectors of the codec anew, from a session as it is now. */
const GOLDEN = path.join(ROOT, 'test/runtime/exec/wire/golden/session.jsonl');

asked('the plugin and the codec read the same in each frame of a session', async () => {
  const recordFile = 'frames.jsonl';
  await scene.switch({ recordFile });
  const { type, waitFor, ended } = bound(await session('sh'));
  await waitFor('# ');
  type('echo "äöü€𝄞"\r');
  await waitFor('\r\näöü€𝄞\r\n');
  await eventually('the plugin has told its size', async () => readFileSync(scene.recording(recordFile), 'utf8').includes(Buffer.from('"cols":80').toString('hex')) || undefined);
  type('exit\r');
  await ended;
  const lines = readFileSync(scene.recording(recordFile), 'utf8').trim().split('\n').map(line => JSON.parse(line) as { from: string; hex?: string; text?: string });
  const open = lines.filter(({ text }) => text !== undefined);
  expect(open.map(({ from, text }) => [from, Object.keys(JSON.parse(text ?? '{}'))])).toEqual([
    ['client', ['MessageSchemaVersion', 'RequestId', 'TokenValue', 'ClientId', 'ClientVersion']],
  ]);
  const frames = lines.flatMap(({ from, hex }) => hex === undefined ? [] : [{ from, hex }]);
  const seen = plugin?.parse(frames.map(({ hex }) => hex)) ?? [];
  const vectors = frames.map(({ from, hex }, index) => ({ from, ...seen[index], hex }));
  const kinds = new Set(vectors.map(({ from, messageType, payloadType }: { from: string; [field: string]: unknown }) => `${from} ${messageType} ${payloadType}`));
  expect([...kinds].sort()).toEqual([
    'agent acknowledge 0', 'agent channel_closed 0', 'agent output_stream_data 1', 'agent output_stream_data 5', 'agent output_stream_data 7',
    'client acknowledge 0', 'client input_stream_data 1', 'client input_stream_data 3', 'client input_stream_data 6',
  ]);
  if (process.env.WRITE_GOLDEN_VECTORS) {
    writeFileSync(GOLDEN, vectors.map(vector => `${JSON.stringify(vector)}\n`).join(''));
  }
});

/** Its methods without it. */
function bound(one: PseudoTerminal) {
  return {
    ended: one.ended,
    shown: () => one.shown,
    type: (text: string) => one.type(text),
    resize: (size: string) => one.resize(size),
    waitFor: (text: string, seconds?: number) => one.waitFor(text, seconds),
  };
}
