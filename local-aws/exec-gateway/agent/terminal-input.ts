import { PayloadCipher } from './payload-cipher';
import { Terminal } from './terminal';
import { TerminalSize } from '../../../src/runtime/exec/wire';

export interface TerminalInputEvents {
  /** The terminal takes more again. */
  onRoom(): void;

  /** Something was sent that is not for a terminal. */
  onComplaint(complaint: string): void;

  /** What was typed cannot be read. */
  onUnreadable(why: string): void;
}

/** What the client types, and the size of its terminal. */
export class TerminalInput {
  public cipher?: PayloadCipher;
  private mayType = true;
  private resizing = false;

  public constructor(private readonly terminal: Terminal, private readonly events: TerminalInputEvents) {
    terminal.onDrain(() => {
      this.mayType = true;
      events.onRoom();
    });
  }

  public get hasRoom(): boolean {
    return this.mayType && !this.resizing;
  }

  public type(payload: Buffer, sequenceNumber: number): void {
    let input = payload;
    try {
      input = this.cipher ? this.cipher.decrypt(payload) : payload;
    } catch (error) {
      this.events.onUnreadable(`Error decrypting stream data message sequence ${sequenceNumber}, err: ${(error as Error).message}`);
      return;
    }
    // What is full now takes this all the same; it is the next message that waits.
    this.mayType = this.terminal.write(input);
  }

  public resize(payload: Buffer): void {
    const size = sizeIn(payload);
    if (size === undefined) {
      this.events.onComplaint('the client has sent a size that is none');
      return;
    }
    this.resizing = true;
    void this.terminal.resize(size).then(() => {
      this.resizing = false;
      this.events.onRoom();
    });
  }
}

function sizeIn(payload: Buffer): TerminalSize | undefined {
  try {
    const { cols, rows } = JSON.parse(payload.toString()) as TerminalSize;
    return [cols, rows].every(one => Number.isInteger(one) && one >= 0 && one < 65536) ? { cols, rows } : undefined;
  } catch {
    return undefined;
  }
}
