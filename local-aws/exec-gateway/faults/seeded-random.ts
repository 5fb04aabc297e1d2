/** Numbers that look like chance and are the same for the same seed. */
export class SeededRandom {
  private state: number;

  public constructor(seed: number) {
    this.state = Math.trunc(seed) % 2 ** 32;
  }

  /** From 0 to below 1. */
  public next(): number {
    // A Weyl sequence, stirred as in Vigna's splitmix.
    this.state = (this.state + 0x9e3779b9) % 2 ** 32;
    let mixed = Math.imul(xorShift(this.state, 16), 0x21f0aaad);
    mixed = Math.imul(xorShift(mixed, 15), 0x735a2d97);
    return (xorShift(mixed, 15) >>> 0) / 2 ** 32;
  }

  public below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  public happens(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }
}

function xorShift(value: number, by: number): number {
  return value ^ (value >>> by);
}
