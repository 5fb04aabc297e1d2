import { IncomingStream } from '../../../local-aws/exec-gateway/agent/incoming-stream';

test('what was delivered before takes no room when it comes again', () => {
  const delivered: number[] = [];
  const stream = new IncomingStream<number>(message => delivered.push(message) > 0);
  const refused: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    for (let number = 0; number < 20_000; number++) {
      if (!stream.take(number, number)) refused.push(number);
    }
  }
  expect(refused).toEqual([]);
  expect(stream.take(20_000, 20_000)).toBe(true);
  expect(delivered).toEqual(Array.from({ length: 20_001 }, (_, number) => number));
});

test('what is too far ahead is not taken, and so not acknowledged', () => {
  const delivered: number[] = [];
  const stream = new IncomingStream<number>(message => delivered.push(message) > 0);
  let taken = 1;
  while (stream.take(taken, taken)) taken++;
  expect(taken).toBe(10_001);
  expect(delivered).toEqual([]);
  // The missing one is of use however much waits for it.
  expect(stream.take(0, 0)).toBe(true);
  expect(delivered).toHaveLength(10_001);
  expect(stream.take(taken, taken)).toBe(true);
});
