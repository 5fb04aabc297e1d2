import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandResult } from '../../src/client/contract';
import { RunningBootstrap } from '../client/bootstrap/running-bootstrap';

/** The most that Lambda takes as the answer of a buffered call. */
const LIMIT = 6 * 1024 * 1024;

/** Stands in for the AWS CLI: keeps what it is to upload, as a file named like the object. */
const FAKE_AWS = `#!/bin/bash
[ "$*" = "s3 cp --only-show-errors - $5" ] || { echo "unexpected: $*" >&2; exit 2; }
case $FAIL in
  late) head -c 8000000 >/dev/null; echo "upload failed: Access Denied" >&2; exit 1 ;;
  hang) exec sleep 300 ;;
esac
exec cat > "$STORE/$(basename "$(dirname "$5")")-$(basename "$5")"
`;

const directory = mkdtempSync(join(tmpdir(), 'cdk-vast-fake-aws-'));
writeFileSync(join(directory, 'aws'), FAKE_AWS);
chmodSync(join(directory, 'aws'), 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

/** 20 bytes a line, so that it is known what stands where. */
const LINES = (count: number) => `seq -f "line %014.0f" ${count}`;
const line = (number: number) => `line ${String(number).padStart(14, '0')}\n`;

async function withBootstrap(environment: NodeJS.ProcessEnv, use: (bootstrap: RunningBootstrap) => Promise<void>): Promise<void> {
  const bootstrap = await RunningBootstrap.start({ PATH: `${directory}:${process.env.PATH}`, STORE: directory, ...environment });
  try {
    await use(bootstrap);
    expect(bootstrap.peakMemory()).toBeLessThan(150e6);
  } finally {
    await bootstrap.stop();
  }
}

async function run(bootstrap: RunningBootstrap, cmd: string, timeout?: number): Promise<CommandResult> {
  const answer = await bootstrap.invoke(cmd, { timeout });
  expect(answer.kind).toBe('response');
  expect(answer.body.length).toBeLessThanOrEqual(LIMIT);
  return JSON.parse(answer.body.toString()) as CommandResult;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const stored = (stream: string) => readFileSync(join(directory, `00000000-0000-4000-8000-000000000001-${stream}`));

test('what does not fit is left out in the middle, and said', async () => {
  await withBootstrap({}, async bootstrap => {
    const result = await run(bootstrap, LINES(1_000_000));
    const { stdoutCut } = result;
    expect(result).toMatchObject({ exitCode: 0, stdoutBytes: 20_000_000, stdoutEncoding: 'utf8', truncated: true, stderr: '' });
    expect(result.stdout.startsWith(line(1) + line(2))).toBe(true);
    expect(stdoutCut!.tail.endsWith(line(999_999) + line(1_000_000))).toBe(true);
    expect(stdoutCut!.omittedBytes).toBe(20_000_000 - result.stdout.length - stdoutCut!.tail.length);
    expect(Object.keys(stdoutCut!)).toEqual(['tail', 'omittedBytes']);
    // Nearly all of what fits is used.
    expect(result.stdout.length + stdoutCut!.tail.length).toBeGreaterThan(0.9 * LIMIT);
  });
});

test('the whole is in the bucket, where there is one', async () => {
  await withBootstrap({ CDK_VAST_RESULTS_BUCKET: 'results' }, async bootstrap => {
    const result = await run(bootstrap, `${LINES(2_000_000)}; echo "a little" >&2`);
    expect(result.stdoutCut!.whole).toBe('s3://results/results/00000000-0000-4000-8000-000000000001/stdout');
    expect(sha256(stored('stdout'))).toBe(result.stdoutSha256);
    expect({ bytes: stored('stdout').length, stderr: result.stderr, cut: result.stderrCut }).toEqual({ bytes: 40_000_000, stderr: 'a little\n', cut: undefined });
  });
});

test('what would fit but for its encoding is in the bucket, too', async () => {
  await withBootstrap({ CDK_VAST_RESULTS_BUCKET: 'results' }, async bootstrap => {
    const result = await run(bootstrap, 'head -c 5500000 /dev/urandom; head -c 4000000 /dev/zero | tr "\\0" "\\1" >&2');
    expect(result).toMatchObject({ stdoutEncoding: 'base64', truncated: true });
    expect(sha256(stored('stdout'))).toBe(result.stdoutSha256);
    expect(sha256(stored('stderr'))).toBe(result.stderrSha256);
  });
});

test.each([['late', 'upload failed: Access Denied'], ['hang', 'there was no time left to store all of it']])(
  'a bucket that does not take it (%s) is said, and costs nothing else', async (how, message) => {
    await withBootstrap({ CDK_VAST_RESULTS_BUCKET: 'results', FAIL: how }, async bootstrap => {
      const result = await run(bootstrap, `${LINES(800_000)}; exit 4`, 10_000);
      expect(result.stdoutCut).toMatchObject({ wholeError: message });
      expect(result.stdoutCut).not.toHaveProperty('whole');
      expect(result.exitCode).toBe(how === 'late' ? 4 : null);
      expect(await run(bootstrap, 'echo next')).toMatchObject({ stdout: 'next\n' });
    });
  });
