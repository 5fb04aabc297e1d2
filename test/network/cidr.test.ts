import { Lazy, Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { cidrsOverlap, formatCidr, parseCidr } from '../../src/cidr/cidr';
import { cidrProblems } from '../../src/network/cidr-checks';

/** An address as 32 characters of 0 and 1: another arithmetic than the one that is tested. */
const bitsOf = (address: number) => address.toString(2).padStart(32, '0');

const textOf = (bits: string, prefix: number) =>
  `${[0, 8, 16, 24].map(from => parseInt(bits.slice(from, from + 8), 2)).join('.')}/${prefix}`;

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(bitsOf);
const aligned = (bits: string, prefix: number) => bits.slice(0, prefix).padEnd(32, '0');

/** What has one of these beginnings is for no machine: this network, loopback, link-local, multicast, broadcast. */
const SPECIAL = /^(0{8}|01111111|1010100111111110|1110|1{32})/;

/** Addresses and prefixes that a machine may have. */
const usable = (min: number, max: number) => fc.tuple(address, fc.integer({ min, max }))
  .filter(([bits, prefix]) => !SPECIAL.test(bits.slice(0, prefix).padEnd(32, '1')) && !SPECIAL.test(aligned(bits, prefix)));

/** Blocks without host bits, as text. */
const block = (min: number, max: number) => usable(min, max).map(([bits, prefix]) => textOf(aligned(bits, prefix), prefix));

const NOT_A_CIDR = [
  '', '172.31.48.0', '172.31.48.0/', '/24', '172.31.48/24', '172.31.48.0.0/24', '172.31.48.256/24', '999.31.48.0/24',
  '172.31.48.0/33', '172.31.48.0/024', '172.031.48.0/24', '0172.31.48.0/24', '172.31.48.0/-1', '172.31.48.0/24 ',
  ' 172.31.48.0/24', '172.31.48.0/24\n', '172.31.48.0\\24', '172.31.48.0/2a', '0xac.31.48.0/24', '172.31.48.0/1e1', '::/16', 'fd00::/24',
  '１７２.31.48.0/24',
];

describe('reading and writing', () => {
  test('every address and prefix is read as the number that it is, and written as it was', () => {
    fc.assert(fc.property(address, fc.integer({ min: 0, max: 32 }), (bits, prefix) => {
      expect(parseCidr(textOf(bits, prefix))).toEqual({ base: parseInt(bits, 2), prefix });
      expect(formatCidr({ base: parseInt(bits, 2), prefix })).toBe(textOf(bits, prefix));
    }));
  });

  test.each(NOT_A_CIDR)('%j is not a CIDR', text => {
    expect(parseCidr(text)).toBeUndefined();
  });

  test('whatever is read is written as the same text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,4}(\.\d{1,4}){3}\/\d{1,3}$/)), (text) => {
      const cidr = parseCidr(text);
      if (cidr) expect(formatCidr(cidr)).toBe(text);
    }));
  });
});

describe('overlap', () => {
  test('two blocks overlap when, and only when, one begins with the fixed bits of the other', () => {
    // Few bits, so that both answers are frequent.
    const near = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 24, max: 32 }))
      .map(([low, prefix]) => ({ bits: aligned(bitsOf(2 ** 31 + low * 16), prefix), prefix }));
    fc.assert(fc.property(near, near, (a, b) => {
      const fixed = Math.min(a.prefix, b.prefix);
      const expected = a.bits.slice(0, fixed) === b.bits.slice(0, fixed);
      const [first, second] = [a, b].map(({ bits, prefix }) => ({ base: parseInt(bits, 2), prefix }));
      expect(cidrsOverlap(first, second)).toBe(expected);
      expect(cidrsOverlap(second, first)).toBe(expected);
    }), { numRuns: 500 });
  });

  test('neighbours do not overlap', () => {
    expect(cidrProblems('10.0.1.0/24', ['10.0.0.0/24', '10.0.2.0/23'])).toEqual([]);
  });

  test('a peer that contains ours, is contained in it, or is the same, is refused with both CIDRs', () => {
    for (const peer of ['10.0.0.0/8', '10.0.1.128/25', '10.0.1.0/24']) {
      expect(cidrProblems('10.0.1.0/24', [peer])).toEqual([
        `cidr '10.0.1.0/24' overlaps with '${peer}' of the peered VPC: AWS refuses to peer them; give a range that the peer does not use`,
      ]);
    }
  });

  test('each CIDR of the peer that overlaps is named', () => {
    expect(cidrProblems('10.0.0.0/16', ['10.0.1.0/24', '10.1.0.0/16', '10.0.2.0/24'])).toHaveLength(2);
  });

  test('what is not known of the peer is not held against it', () => {
    const dummyOfTheFirstLookup = '1.2.3.4/5';
    expect(cidrProblems('1.2.0.0/16', [dummyOfTheFirstLookup])).toEqual([]);
    expect(cidrProblems('10.0.0.0/16', [Lazy.string({ produce: () => '10.0.0.0/16' })])).toEqual([]);
    expect(cidrProblems('10.0.0.0/16', ['no CIDR at all'])).toEqual([]);
  });
});

describe('the CIDR of a deployment', () => {
  test('every block without host bits from /16 to /27 is taken', () => {
    fc.assert(fc.property(block(16, 27), (cidr) => {
      expect(cidrProblems(cidr)).toEqual([]);
    }), { numRuns: 300 });
  });

  test('one with host bits is refused with the block that it lies in, which is then taken', () => {
    const withHostBits = usable(16, 27)
      .filter(([bits, prefix]) => bits.slice(prefix).includes('1'));
    fc.assert(fc.property(withHostBits, ([bits, prefix]) => {
      const right = textOf(aligned(bits, prefix), prefix);
      expect(cidrProblems(textOf(bits, prefix))).toEqual([`cidr '${textOf(bits, prefix)}' has host bits set: did you mean '${right}'?`]);
      expect(cidrProblems(right)).toEqual([]);
    }), { numRuns: 300 });
  });

  test('larger than a VPC can be, and too small for two subnets, is refused with the sizes that are right', () => {
    fc.assert(fc.property(block(0, 15), (cidr) => {
      expect(cidrProblems(cidr)).toEqual([`cidr '${cidr}' is larger than a VPC can be: give a /16 to /27`]);
    }));
    fc.assert(fc.property(block(28, 32), (cidr) => {
      expect(cidrProblems(cidr)).toEqual([`cidr '${cidr}' is too small for two subnets: give a /16 to /27`]);
    }));
  });

  test.each([
    ['0.1.0.0/16', '0.0.0.0/8'], ['127.0.0.0/24', '127.0.0.0/8'], ['169.254.170.0/24', '169.254.0.0/16'],
    ['239.255.0.0/16', '224.0.0.0/4'], ['255.255.0.0/16', '255.255.255.255/32'], ['255.255.255.224/27', '255.255.255.255/32'],
  ])('%s is refused, because no machine can have such an address', (cidr, special) => {
    expect(cidrProblems(cidr)).toEqual([
      `cidr '${cidr}' overlaps with '${special}', whose addresses no machine can have: give one such as '172.31.48.0/24'`,
    ]);
  });

  test.each(NOT_A_CIDR)('%j is refused as no CIDR, with one that is', (cidr) => {
    expect(cidrProblems(cidr)).toEqual([`cidr '${cidr}' is not an IPv4 CIDR: give one such as '172.31.48.0/24'`]);
  });

  test('a token is refused, because the subnets are computed at synthesis', () => {
    for (const token of [Lazy.string({ produce: () => '10.0.0.0/16' }), Token.asString({ Ref: 'Cidr' })]) {
      expect(cidrProblems(token)).toEqual([
        "cidr is a token: the subnets are computed at synthesis, so it has to be a literal such as '172.31.48.0/24'",
      ]);
    }
  });
});
