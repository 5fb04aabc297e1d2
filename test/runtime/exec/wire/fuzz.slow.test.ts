import { fuzz } from './frames';

test('a million frames of chance are messages or malformed, and nothing else', () => {
  const { decoded, malformed, wrong } = fuzz(1_000_000, 2);
  expect(wrong).toEqual([]);
  expect(decoded + malformed).toBe(1_000_000);
  expect(Math.min(decoded, malformed)).toBeGreaterThan(150_000);
}, 300_000);
