import { AwakeClock } from '../../../../src/runtime/exec/session';

/** A machine whose process a test stops: time goes on then, and timers fire late, in their order. */
class TestMachine {
  public longest = 0;
  private time = 0;
  private readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  public now(): number {
    return this.time;
  }

  public after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.timers.add(timer);
    this.longest = Math.max(this.longest, milliseconds);
    return () => this.timers.delete(timer);
  }

  public runs(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        this.time = end;
        return;
      }
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
  }

  public isStopped(milliseconds: number): void {
    this.time += milliseconds;
  }
}

let machine: TestMachine;
let clock: AwakeClock;
let calls: string[];
const call = (what: string) => () => void calls.push(what);

beforeEach(() => {
  machine = new TestMachine();
  clock = new AwakeClock(machine);
  calls = [];
});

test('a timer fires when its time is over, and one that was called off does not', () => {
  clock.after(90_000, call('90 s'));
  const stop = clock.after(1, call('never'));
  clock.after(10, call('10 ms'));
  stop();
  machine.runs(89_999);
  expect(calls).toEqual(['10 ms']);
  machine.runs(1);
  expect(calls).toEqual(['10 ms', '90 s']);
  expect(clock.now()).toBe(90_000);
});

test('time for which the process was stopped does not count', () => {
  clock.after(90_000, call('90 s'));
  machine.runs(10_000);
  machine.isStopped(3_600_000);
  machine.runs(78_000);
  expect(calls).toEqual([]);
  machine.runs(4000);
  expect(calls).toEqual(['90 s']);
});

test('a limit that was almost reached is not reached before what has arrived can be read', () => {
  clock.after(90_000, call('limit'));
  clock.after(89_999, call('another'));
  clock.after(500, () => clock.after(89_600, call('a third')));
  machine.runs(89_998);
  machine.isStopped(80_000);
  machine.runs(4000);
  expect(calls).toEqual([]);
  machine.runs(2000);
  expect(calls.sort()).toEqual(['a third', 'another', 'limit']);
});

test('time without timers is not mistaken for a stop', () => {
  expect(clock.now()).toBe(0);
  machine.runs(100_000);
  expect(clock.now()).toBe(100_000);
  clock.after(10_000, call('10 s'));
  machine.runs(10_000);
  expect(calls).toEqual(['10 s']);
  machine.runs(50_000);
  expect(clock.now()).toBe(160_000);
});

test('no timer of the machine is longer than those of Node.js can be', () => {
  clock.after(2 ** 31 + 5000, call('25 days'));
  machine.runs(0);
  expect(machine.longest).toBe(2 ** 31 - 1);
  expect(calls).toEqual([]);
});
