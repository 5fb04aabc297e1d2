import { RoundTrip } from '../../../../src/runtime/exec/session/round-trip';

test('an acknowledgement has 200 ms at first, and never less', () => {
  const roundTrip = new RoundTrip();
  expect(roundTrip.timeout()).toBe(200);
  for (let time = 0; time < 50; time++) roundTrip.learn(1);
  expect(roundTrip.timeout()).toBe(200);
});

test('it has what the smoothed time and four variations say, and never more than a second', () => {
  const roundTrip = new RoundTrip();
  roundTrip.learn(300);
  // 100 + 200 / 8, and four times 200 / 4.
  expect(roundTrip.timeout()).toBe(325);
  for (let time = 0; time < 50; time++) roundTrip.learn(5000);
  expect(roundTrip.timeout()).toBe(1000);
});

test('it has twice as long after each time in vain, up to a second', () => {
  const roundTrip = new RoundTrip();
  expect([0, 1, 2, 3, 1000].map(times => roundTrip.timeout(times))).toEqual([200, 400, 800, 1000, 1000]);
});
