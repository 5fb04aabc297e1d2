import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { Progress } from '../../src/cli/progress';

/** A terminal, or a file, that remembers what was written to it. */
function output(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  return { written, stream };
}

const TASK = 'task 44cc7acad9c649d48c46380893afd698: DEACTIVATING';
const step = (progress: Progress) => progress.step('stop the server', async (tell) => {
  tell(TASK);
  await sleep(150);
});

const variables = process.env;
beforeEach(() => { process.env = { ...variables, TERM: 'xterm', NO_COLOR: '' }; });
afterEach(() => { process.env = variables; });

test('a line of 80 columns has room for what goes on', async () => {
  const { written, stream } = output(true);
  await step(new Progress(stream));
  const drawn = stripVTControlCharacters(written[0]).replace('\r', '');
  expect(drawn).toContain(TASK);
  expect(drawn.length).toBeLessThan(80);
});

test('colours take no room: what does not fit is cut at the edge', async () => {
  const lengths = await Promise.all(['', '1'].map(async (noColor) => {
    const { written, stream } = output(true, 50);
    process.env.NO_COLOR = noColor;
    await step(new Progress(stream));
    return stripVTControlCharacters(written[0]).replace('\r', '').length;
  }));
  expect(lengths).toEqual([49, 49]);
});

test('NO_COLOR leaves out colours', async () => {
  process.env.NO_COLOR = '1';
  const { written, stream } = output(true);
  await step(new Progress(stream));
  // eslint-disable-next-line no-control-regex
  expect(written.join('')).not.toMatch(/\x1b\[\d*m/);
});

test('a file gets two lines, and no control characters', async () => {
  const { written, stream } = output(false);
  await step(new Progress(stream));
  expect(written).toEqual(['  … stop the server\n', expect.stringMatching(/^ {2}✔ stop the server {39} +\d+\.\d s\n$/)]);
});

test('quiet is quiet', async () => {
  const { written, stream } = output(true);
  await step(new Progress(stream, true));
  await expect(new Progress(stream, true).step('fail', async () => { throw new Error('no'); })).rejects.toThrow('no');
  expect(written).toEqual([]);
});
