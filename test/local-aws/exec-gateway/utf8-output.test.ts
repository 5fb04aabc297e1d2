import { Utf8Output } from '../../../local-aws/exec-gateway/agent/utf8-output';

const passAll = (...reads: Array<Buffer | string>) => {
  const output = new Utf8Output();
  return reads.map(read => output.pass(Buffer.from(read as string)));
};

test('ASCII and whole characters are passed on as they are', () => {
  expect(passAll('plain', 'ä€𝄞 and more')).toEqual([Buffer.from('plain'), Buffer.from('ä€𝄞 and more')]);
});

test('what is no character yet waits for the next read', () => {
  const [first, second] = passAll(Buffer.from([0x61, 0xf0, 0x9d, 0x84]), Buffer.from([0x9e, 0x62]));
  expect(first).toEqual(Buffer.from('a'));
  expect(second).toEqual(Buffer.from('𝄞b'));
});

test('a byte that belongs to no character is passed on, unless it is one of the last three', () => {
  expect(passAll(Buffer.from([0xff, 0x61, 0x62, 0x63]))).toEqual([Buffer.from([0xff, 0x61, 0x62, 0x63])]);
  expect(passAll(Buffer.from([0x61, 0xff, 0x62, 0x63]), 'd')).toEqual([Buffer.from('a'), Buffer.from([0xff, 0x62, 0x63, 0x64])]);
});

test.each([
  ['a surrogate', [0xed, 0xa0, 0x80]], ['an overlong form', [0xc0, 0x80]], ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
])('%s is no character, and yet all its bytes get through', (_, bytes) => {
  const read = Buffer.from([...bytes, 0x61, 0x62, 0x63, 0x64]);
  expect(passAll(read)).toEqual([read]);
});

test('U+FFFD is cut to its first byte', () => {
  expect(passAll('a\u{fffd}bcde')).toEqual([Buffer.from([0x61, 0xef, 0x62, 0x63, 0x64, 0x65])]);
  expect(passAll('a\u{fffd}', 'bcde')).toEqual([Buffer.from('a'), Buffer.from([0xef, 0x62, 0x63, 0x64, 0x65])]);
});
