import { holdSessions, Tally } from './faulty-session';

test('through a thousand schedules of faults every byte is right, or the failure has a type', async () => {
  const { outcomes, faults, wrong }: Tally = await holdSessions(1000, 1000);
  // The figures are what the docs claim.
  process.stderr.write(`1,000 schedules ended ${JSON.stringify(outcomes)}, with the faults ${JSON.stringify(faults)}\n`);
  expect(wrong).toEqual([]);
  expect(outcomes.whole).toBeGreaterThan(700);
  expect(outcomes.SessionLostError ?? 0).toBeLessThan(10);
  const { split, ...met } = faults;
  expect(split).toBe(0);
  expect(Math.min(...Object.values(met))).toBeGreaterThan(500);
}, 300_000);
