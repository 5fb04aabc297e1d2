/** A block of IPv4 addresses: its first address as a number, and how many leading bits are fixed. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

const CIDR = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** Reads `10.0.0.0/24`, host bits and all; undefined where the text is anything else. */
export function parseCidr(text: string): Cidr | undefined {
  const numbers = CIDR.exec(text)?.slice(1).map(Number);
  // A leading zero is octal to some readers and decimal to others.
  if (!numbers || /(^|[./])0\d/.test(text) || numbers[4] > 32 || numbers.slice(0, 4).some(octet => octet > 255)) {
    return undefined;
  }
  return { base: numbers.slice(0, 4).reduce((sum, octet) => sum * 256 + octet, 0), prefix: numbers[4] };
}

/** The inverse of `parseCidr`. */
export function formatCidr({ base, prefix }: Cidr): string {
  return `${[24, 16, 8, 0].map(shift => Math.floor(base / 2 ** shift) % 256).join('.')}/${prefix}`;
}

/** How many addresses the block has. */
export function cidrSize({ prefix }: Cidr): number {
  return 2 ** (32 - prefix);
}

/** The block that an address with host bits lies in. */
export function alignCidr(cidr: Cidr): Cidr {
  return { ...cidr, base: cidr.base - cidr.base % cidrSize(cidr) };
}

/** Whether the two blocks, both aligned, have an address in common. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + cidrSize(b) && b.base < a.base + cidrSize(a);
}
