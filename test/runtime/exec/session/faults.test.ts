import { holdSessions } from './faulty-session';

test('through forty schedules of faults every byte is right, or the failure has a type', async () => {
  const { outcomes, faults, wrong } = await holdSessions(40);
  expect(wrong).toEqual([]);
  // The service says once that a session is over; where that is lost, so is the knowledge that all was heard.
  expect(Object.keys(outcomes).sort()).toEqual(['SessionExpiredError', 'whole']);
  expect(outcomes.whole).toBeGreaterThan(27);
  const { split, ...met } = faults;
  expect(split).toBe(0);
  expect(Math.min(...Object.values(met))).toBeGreaterThan(20);
}, 60_000);
