import { PassThrough } from 'node:stream';
import { Answer, question } from '../../src/cli/question';

test.each([
  ['y\r', Answer.YES], ['YES\r', Answer.YES], ['\r', Answer.NO], ['yesterday\r', Answer.NO], ['\x03', Answer.INTERRUPTED], ['\x04', Answer.INTERRUPTED],
])('what is typed as %j', async (typed, answer) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asked = question('destroy it?', input, output);
  input.write(typed);
  expect(await asked).toBe(answer);
  expect(output.read().toString()).toContain('destroy it? [y/N]');
});
