import { moment } from '../../src/cli/commands/logs';

test.each([['90s', 90], ['10m', 600], ['2h', 7200], ['1d', 86_400]])('%s is so long ago', (text, seconds) => {
  const before = Date.now();
  const found = moment(text).getTime();
  expect(found).toBeGreaterThanOrEqual(before - seconds * 1000);
  expect(found).toBeLessThanOrEqual(Date.now() - seconds * 1000);
});

test.each([
  ['2026-11-25T12:00:00Z', '2026-11-25T12:00:00.000Z'],
  ['2026-11-25T12:00:00.5Z', '2026-11-25T12:00:00.500Z'],
  ['2026-11-25T12:00+01:00', '2026-11-25T11:00:00.000Z'],
  ['2026-11-25', '2026-11-25T00:00:00.000Z'],
])('%s is a moment', (text, moment8601) => {
  expect(moment(text).toISOString()).toBe(moment8601);
});

test.each(['5', '0', '2001', '05-2001', 'May 2001', '10 m', '10min', '-5m', '1.5h', '5M', '', '2026-13-01', '2026-11-31', '2026-11-25T25:00Z', '99999999999d', 'yesterday'])(
  '%j is no time, and both forms are named', (text) => {
    expect(() => moment(text)).toThrow(`--since ${text} is no time: give how long ago with its unit, as in 90s, 10m, 2h or 1d, `
      + 'or a moment in the form of ISO 8601, such as 2026-11-25T12:00:00Z');
  });
