import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** How much of the memory of buffers is in use, in bytes: what only waits to be collected depends on the machine's other work. */
export function heldMemory(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** The most that was in use whenever another so many bytes had come. */
export class MemoryWatch {
  public most = 0;
  private readonly before = heldMemory();
  private bytes = 0;

  public constructor(private readonly everyBytes = 5_000_000) {}

  public take(bytes: number): void {
    if (Math.floor((this.bytes + bytes) / this.everyBytes) > Math.floor(this.bytes / this.everyBytes)) {
      this.most = Math.max(this.most, heldMemory() - this.before);
    }
    this.bytes += bytes;
  }
}
