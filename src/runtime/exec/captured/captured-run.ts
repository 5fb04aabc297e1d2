import { randomBytes } from 'node:crypto';
import { DAMAGED, HEADER_BYTES, MISSING, READY } from './bootstrap';
import { CapturedResult } from './captured-result';
import { sumsOf } from './cksum';
import { CapturedCommand, checked, CheckedCommand } from './command';
import { CommandInput } from './command-input';
import { CommandNotStartedError, ExecFault, ExecOutcomeUnknownError, MissingProgramsError } from './errors';
import { BadFrameError, FrameReader, TerminalPart } from './frame-reader';
import { IdleWatch } from './idle-watch';
import { ReceivedStream } from './received-stream';
import { DIRECTORY_PREFIX, remoteProgram } from './remote';
import { remoteEnd, RemoteEnd } from './remote-end';
import { unlessAborted } from '../../waiting';
import { SessionChannel } from '../session/session-channel';

/** How often the other side gives a sign of life, and how long we believe in it without one. */
const HEARTBEAT_SECONDS = 30;
const SILENCE_MS = 3 * HEARTBEAT_SECONDS * 1000;

/** Until the terminal takes the program. */
const READY_MS = 60_000;

/** For those who are to be ended: five seconds between the signals, and what it takes to be heard of. */
const STOPPING_MS = 10_000;

/** A session of which the program has ended is over soon. */
const CLOSING_MS = 2000;

/** How much of what the terminal shows besides stands in a message. */
const SHOWN_CHARACTERS = 400;

/** The end, with what has arrived compared to what was sent. */
interface End extends RemoteEnd {
  readonly sha256: { readonly o: string; readonly e: string };
}

/**
 * Runs a command in a session that was opened with CAPTURED_COMMAND, and waits for its end. The session is over afterwards,
 * however that goes. What exit code the command has is not an error.
 *
 * @throws InvalidInputError before anything is sent; CommandNotStartedError where the command certainly was not run;
 *   ExecOutcomeUnknownError where its end was not seen; the signal's reason; whatever the takers and the input throw, and
 *   then the command is ended, too
 */
export async function runCaptured(channel: SessionChannel, command: CapturedCommand): Promise<CapturedResult> {
  const ready = checked(command);
  command.signal?.throwIfAborted();
  return new CapturedRun(channel, command, ready).run();
}

class CapturedRun {
  private readonly nonce = randomBytes(16).toString('hex');
  private readonly reader = new FrameReader(this.nonce);
  private readonly input: CommandInput | undefined;
  private readonly streams: { readonly o: ReceivedStream; readonly e: ReceivedStream };
  private readonly end: Promise<End>;
  private resolve!: (end: End) => void;
  private reject!: (error: unknown) => void;

  private phase: 'opening' | 'preparing' | 'given' | 'running' | 'over' = 'opening';
  /** Whether nothing that comes is of interest any more but the end. */
  private calledOff = false;
  private comparedBy: CapturedResult['comparedBy'] = 'sha256sum';
  private began = 0;
  private shown = '';
  private readonly missing: string[] = [];
  private typing: Promise<void> = Promise.resolve();
  private hearing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private readonly idleWatch: IdleWatch;
  private wasIdle = false;

  public constructor(private readonly channel: SessionChannel, private readonly command: CapturedCommand, private readonly ready: CheckedCommand) {
    const { stdin, onStdout, onStderr, keepOutput, idleTimeoutSeconds } = command;
    this.idleWatch = new IdleWatch(idleTimeoutSeconds, () => {
      this.wasIdle = true;
      void this.type('k');
    });
    this.input = stdin === undefined ? undefined : new CommandInput(stdin);
    const needsCksum = () => this.comparedBy === 'cksum';
    this.streams = {
      o: new ReceivedStream(onStdout, keepOutput ?? !onStdout, needsCksum),
      e: new ReceivedStream(onStderr, keepOutput ?? !onStderr, needsCksum),
    };
    this.end = new Promise((resolve, reject) => [this.resolve, this.reject] = [resolve, reject]);
    this.end.catch(() => undefined);
  }

  public async run(): Promise<CapturedResult> {
    this.expect();
    // One after the other: the end must not be heard while somebody still takes what came before it.
    this.channel.onOutput(async piece => this.hearing = this.hearing.then(async () => this.hear(piece)));
    this.channel.ended.then(
      async ({ message }) => this.hearing.then(() => this.sessionOver(message)),
      async (error: Error) => this.hearing.then(() => this.sessionOver(error.message, error)));
    try {
      const end = await unlessAborted(this.command.signal, () => this.end);
      await this.close(CLOSING_MS);
      return this.result(end);
    } catch (error) {
      await this.callOff(error instanceof ExecOutcomeUnknownError || error instanceof CommandNotStartedError);
      throw error;
    } finally {
      clearTimeout(this.timer);
      this.idleWatch.stop();
      await this.input?.close().catch(() => undefined);
    }
  }

  private async hear(piece: Buffer): Promise<void> {
    clearTimeout(this.timer);
    for (const part of this.parts(piece)) {
      try {
        await this.heed(part);
      } catch (error) {
        this.fail(error);
      }
    }
    this.expect();
  }

  private parts(piece: Buffer): TerminalPart[] {
    try {
      return this.phase === 'over' ? [] : this.reader.push(piece);
    } catch (error) {
      this.fail(error);
      this.phase = 'over';
      return [];
    }
  }

  /** From now on only the end is of interest. */
  private fail(error: unknown): void {
    this.calledOff = true;
    this.reject(error instanceof BadFrameError ? this.unknown(ExecFault.DAMAGED, `the output is not to be understood: ${error.message}`, error) : error);
  }

  private async heed(part: TerminalPart): Promise<void> {
    if ('text' in part) {
      return this.heedText(part.text);
    }
    const [kind, ...words] = part.words;
    if ((kind === 'o' || kind === 'e') && part.data) {
      return this.output(kind, part.data);
    }
    switch (kind) {
      case 'give':
        this.phase = 'given';
        return this.give();
      case 'started':
        [this.phase, this.began] = ['running', performance.now()];
        this.comparedBy = words[0] === 'cksum' ? 'cksum' : 'sha256sum';
        return this.idleWatch.sign();
      case 'w':
        return void this.feed().catch(this.reject);
      case 'c':
        return this.input?.close();
      case 'h':
        // Both directions are to be alive: sessions end when nothing is typed for long.
        return void this.type('h');
      case 'end':
        this.phase = 'over';
        return this.resolve(this.compared(remoteEnd(words)));
      default:
        return this.heedFailure(kind, words);
    }
  }

  private heedFailure(kind: string, words: string[]): void {
    switch (kind) {
      case 'command':
        return;
      case 'missing':
        throw new MissingProgramsError(words);
      case 'nodirectory':
        throw new CommandNotStartedError('the container has no directory to write to, and the command was not run: it takes one of '
          + '$TMPDIR, /tmp, /dev/shm, /var/tmp and /run, with room for about 10 MB; a volume mounted there is enough');
      case 'damaged':
        throw new CommandNotStartedError('the command did not arrive as it was sent, and was not run: run it again');
      case 'failed':
      case 'f':
        throw this.unknown(ExecFault.OUTPUT_FAILED, 'the container could not take what the command reads or prints: is its disk full?');
      default:
        throw new BadFrameError(`there is no frame ${JSON.stringify(kind)}`);
    }
  }

  private heedText(text: string): void {
    if (this.phase === 'given') {
      // The command, for the log of the session.
      return;
    }
    if (text.startsWith(MISSING)) {
      this.missing.push(text.slice(MISSING.length));
    } else if (text === READY && this.phase === 'opening') {
      if (this.missing.length > 0) {
        throw new MissingProgramsError(this.missing);
      }
      this.phase = 'preparing';
      const program = remoteProgram({
        nonce: this.nonce,
        directory: `${DIRECTORY_PREFIX}${randomBytes(6).toString('hex')}`,
        shell: this.ready.shell,
        stdin: this.input !== undefined,
        graceSeconds: this.ready.graceSeconds,
        timeoutSeconds: this.ready.timeoutSeconds,
        heartbeatSeconds: HEARTBEAT_SECONDS,
      });
      void this.type(`${program.length} ${sumsOf(Buffer.from(program))}`, program);
    } else if (text === DAMAGED && this.phase === 'preparing') {
      this.heedFailure('damaged', []);
    } else {
      this.shown = `${this.shown}${text}\n`.slice(-SHOWN_CHARACTERS);
    }
  }

  private give(): void {
    const { launcher, script } = this.ready;
    const payload = Buffer.concat([launcher, script]);
    const base64 = payload.toString('base64');
    void this.type(`${base64.length} ${launcher.length} ${sumsOf(payload)}`, base64);
  }

  private async feed(): Promise<void> {
    this.idleWatch.hold();
    const piece = await this.input?.next();
    this.idleWatch.sign();
    if (piece) {
      const base64 = piece.toString('base64');
      await this.type(`d ${base64.length}`, base64);
    } else {
      await this.type('e');
    }
  }

  /** One after the other, so that nothing gets between a header and its data. */
  private async type(header: string, data = ''): Promise<void> {
    return this.typing = this.typing.then(async () => this.channel.write(Buffer.from(header.padEnd(HEADER_BYTES) + data)))
      // The end of the session says why.
      .catch(() => undefined);
  }

  private async output(stream: 'o' | 'e', data: Buffer): Promise<void> {
    if (!this.calledOff) {
      this.idleWatch.hold();
      const taking = this.streams[stream].take(data);
      if (taking) {
        await unlessAborted(this.command.signal, async () => taking);
      }
      this.idleWatch.sign();
    }
  }

  private compared(end: RemoteEnd): End {
    if (this.calledOff) {
      return { ...end, sha256: { o: '', e: '' } };
    }
    const [o, e] = [this.streams.o.compared(end.o.bytes, end.o.sum), this.streams.e.compared(end.e.bytes, end.e.sum)];
    if (o === undefined || e === undefined) {
      throw this.unknown(ExecFault.DAMAGED, 'the output did not arrive as it was sent: '
        + `${this.streams.o.bytes} bytes of ${end.o.bytes} on stdout, ${this.streams.e.bytes} bytes of ${end.e.bytes} on stderr`);
    }
    if (end.how === 'stopped' && !this.wasIdle) {
      throw this.unknown(ExecFault.SESSION_OVER, 'the command was ended because the container believed that the session was over');
    }
    return { ...end, sha256: { o, e } };
  }

  private result({ exitCode, how, sha256, left }: End): CapturedResult {
    const { o, e } = this.streams;
    return {
      exitCode,
      timedOut: how === 'late' || this.wasIdle,
      wasIdle: this.wasIdle,
      durationMs: Math.round(performance.now() - this.began),
      stdout: o.content,
      stderr: e.content,
      stdoutBytes: o.bytes,
      stderrBytes: e.bytes,
      stdoutSha256: sha256.o,
      stderrSha256: sha256.e,
      sessionId: this.channel.sessionId,
      leftRunning: left,
      comparedBy: this.comparedBy,
    };
  }

  private sessionOver(message: string, cause?: Error): void {
    if (this.phase === 'over') {
      return;
    }
    const why = [message, this.shown].map(text => text.trim()).filter(text => text !== '').join('; ');
    if (this.phase === 'given' || this.phase === 'running') {
      const { o, e } = this.streams;
      this.reject(this.unknown(ExecFault.SESSION_OVER,
        `the session was over before the command, after ${o.bytes} bytes of stdout and ${e.bytes} bytes of stderr${why && ` (${why})`}`, cause));
    } else {
      this.reject(this.missing.length > 0 ? new MissingProgramsError(this.missing) : new CommandNotStartedError(
        `the session was over before the command was run: ${why || 'the container has said nothing'}`, { cause }));
    }
  }

  /** Begins to wait for the next that is heard. */
  private expect(): void {
    clearTimeout(this.timer);
    const [limitMs, late] = this.phase === 'opening' || this.phase === 'preparing'
      ? [READY_MS, () => new CommandNotStartedError(
        `the container has not taken the command within ${READY_MS / 1000} s, and it was not run: ${this.shown.trim() || 'it has said nothing'}`)]
      : [SILENCE_MS, () => this.unknown(ExecFault.SILENT, `the container has given no sign of life for ${SILENCE_MS / 1000} s`)];
    this.timer = this.phase === 'over' ? undefined : setTimeout(() => this.reject(late()), limitMs);
  }

  /** @param lost whether there is nobody there who could be told to end the command */
  private async callOff(lost: boolean): Promise<void> {
    this.calledOff = true;
    if (!lost && (this.phase === 'given' || this.phase === 'running')) {
      await Promise.race([this.type('k'), pause(STOPPING_MS)]);
      await Promise.race([this.ending(), pause(STOPPING_MS)]);
    }
    await this.close(0);
  }

  /** The end of what was called off. */
  private async ending(): Promise<void> {
    const ended = new Promise<void>(resolve => this.resolve = () => resolve());
    await Promise.race([ended, this.channel.ended.then(() => undefined, () => undefined)]);
  }

  private async close(patienceMs: number): Promise<void> {
    this.phase = 'over';
    const over = this.channel.ended.then(() => true, () => true);
    if (!await Promise.race([over, pause(patienceMs)])) {
      await this.channel.terminate();
    }
  }

  private unknown(fault: ExecFault, what: string, cause?: Error): ExecOutcomeUnknownError {
    return new ExecOutcomeUnknownError(what, fault, this.channel.sessionId, cause);
  }
}

async function pause(milliseconds: number): Promise<false> {
  return new Promise(resolve => void setTimeout(() => resolve(false), milliseconds).unref());
}
