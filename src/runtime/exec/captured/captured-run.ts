import { randomBytes } from 'node:crypto';
import { CapturedResult } from './captured-result';
import { CapturedCommand, checked, CheckedCommand } from './command';
import { CommandInput } from './command-input';
import { CommandNotStartedError, ExecFault, ExecOutcomeUnknownError, MissingProgramsError } from './errors';
import { BadFrameError, TerminalPart } from './frame-reader';
import { damaged, Handover } from './handover';
import { Hearing } from './hearing';
import { Overtime, OVERTIME_MS } from './overtime';
import { Patience } from './patience';
import { OutputResult, ReceivedOutput } from './received-output';
import { DIRECTORY_PREFIX, remoteProgram } from './remote';
import { remoteEnd, RemoteEnd } from './remote-end';
import { SignsOfLife } from './signs-of-life';
import { Typist } from './typist';
import { unlessAborted } from '../../waiting';
import { Clock, SYSTEM_CLOCK } from '../session/clock';
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
interface End extends Pick<RemoteEnd, 'exitCode' | 'how' | 'left'> {
  /** Missing where nobody takes it any more. */
  readonly output?: OutputResult;
}

/**
 * Runs a command in a session that was opened with CAPTURED_COMMAND, and waits for its end. The session is over afterwards,
 * however that goes. What exit code the command has is not an error.
 *
 * @throws InvalidInputError before anything is sent; CommandNotStartedError where the command certainly was not run;
 *   ExecOutcomeUnknownError where its end was not seen; the signal's reason; whatever the takers and the input throw, and
 *   then the command is ended, too
 */
export async function runCaptured(channel: SessionChannel, command: CapturedCommand, clock: Clock = SYSTEM_CLOCK): Promise<CapturedResult> {
  try {
    const ready = checked(command);
    command.signal?.throwIfAborted();
    return await new CapturedRun(channel, command, ready, clock).run();
  } finally {
    // It is over, unless the command was refused.
    await channel.terminate();
  }
}

class CapturedRun {
  private readonly nonce = randomBytes(16).toString('hex');
  private readonly hearing = new Hearing(this.nonce, {
    heed: part => this.heed(part),
    onFailed: error => this.fail(error),
    onThrough: () => this.sign(),
    onWaiting: () => this.silence.hold(),
  });
  private readonly input: CommandInput | undefined;
  private readonly output: ReceivedOutput;
  private readonly typist: Typist;
  private readonly handover: Handover;
  private readonly end: Promise<End>;
  private resolve!: (end: End) => void;
  private reject!: (error: unknown) => void;

  private phase: 'handover' | 'given' | 'running' | 'over' = 'handover';
  /** Whether nothing that comes is of interest any more but the end. */
  private calledOff = false;
  private began = 0;
  private shown = '';
  /** For what comes before the command is given, for what comes then, and for signs of the command itself. */
  private readonly readiness: Patience;
  private readonly silence: Patience;
  private readonly signs: SignsOfLife;
  private readonly idleness: Patience;
  private wasIdle = false;
  private readonly overtime: Overtime;

  public constructor(
    private readonly channel: SessionChannel,
    private readonly command: CapturedCommand,
    private readonly ready: CheckedCommand,
    clock: Clock,
  ) {
    this.readiness = new Patience(READY_MS, () => this.reject(new CommandNotStartedError(
      `the container has not taken the command within ${READY_MS / 1000} s, and it was not run: ${this.shown.trim() || 'it has said nothing'}`)), clock);
    this.silence = new Patience(SILENCE_MS, () => this.reject(
      this.unknown(ExecFault.SILENT, `the container has given no sign of life for ${SILENCE_MS / 1000} s`)), clock);
    const { stdin, idleTimeoutSeconds } = command;
    this.idleness = new Patience(idleTimeoutSeconds && idleTimeoutSeconds * 1000, () => {
      this.wasIdle = true;
      void this.typist.type('k');
      this.overtime.expectStop(this.ready.graceSeconds * 1000);
    }, clock);
    this.overtime = new Overtime(clock, () => this.reject(this.unknown(ExecFault.OVERDUE,
      `the command timed out, and the container has not said within ${OVERTIME_MS / 1000} s that it was stopped`)));
    this.input = stdin === undefined ? undefined : new CommandInput(stdin);
    this.output = new ReceivedOutput(command);
    this.typist = new Typist(channel);
    this.signs = new SignsOfLife(ready.lookSeconds, async () => this.typist.type('h'));
    this.handover = new Handover(this.typist, ready, remoteProgram({
      ...ready,
      nonce: this.nonce,
      directory: `${DIRECTORY_PREFIX}${randomBytes(6).toString('hex')}`,
      stdin: stdin !== undefined,
      heartbeatSeconds: HEARTBEAT_SECONDS,
    }));
    this.end = new Promise((resolve, reject) => [this.resolve, this.reject] = [resolve, reject]);
    this.end.catch(() => undefined);
  }

  public async run(): Promise<CapturedResult> {
    this.readiness.sign();
    this.channel.onOutput(piece => this.hearing.hear(piece));
    // The end must not be heard while somebody still takes what came before it.
    this.channel.ended.then(
      async ({ message }) => this.hearing.through().then(() => this.sessionOver(message)),
      async (error: Error) => this.hearing.through().then(() => this.sessionOver(error.message, error)));
    try {
      const end = await unlessAborted(this.command.signal, () => this.end);
      await this.close(CLOSING_MS);
      return this.result(end);
    } catch (error) {
      await this.callOff(error instanceof ExecOutcomeUnknownError || error instanceof CommandNotStartedError);
      throw error;
    } finally {
      [this.readiness, this.silence, this.idleness, this.overtime, this.signs].forEach(limit => limit.stop());
      this.input?.close();
    }
  }

  /** The container lives. */
  private sign(): void {
    if (this.phase === 'handover') {
      this.readiness.sign();
    } else if (this.phase === 'over') {
      this.silence.stop();
    } else {
      this.readiness.stop();
      this.silence.sign();
    }
  }

  /** From now on only the end is of interest. */
  private fail(error: unknown): void {
    this.calledOff = true;
    this.reject(error instanceof BadFrameError ? this.unknown(ExecFault.DAMAGED, `the output is not to be understood: ${error.message}`, error) : error);
  }

  private heed(part: TerminalPart): undefined | Promise<void> {
    if ('text' in part) {
      this.heedText(part.text);
      return undefined;
    }
    const [kind, ...words] = part.words;
    if ((kind === 'o' || kind === 'e') && part.data) {
      return this.take(kind, part.data);
    }
    switch (kind) {
      case 'give':
        this.phase = 'given';
        this.handover.give();
        break;
      case 'started':
        [this.phase, this.began] = ['running', performance.now()];
        this.output.comparedBy = words[0] === 'cksum' ? 'cksum' : 'sha256sum';
        this.idleness.sign();
        if (this.ready.timeoutSeconds > 0) {
          this.overtime.expectStop((this.ready.timeoutSeconds + this.ready.graceSeconds) * 1000);
        }
        this.signs.begin();
        break;
      case 'w':
        this.idleness.sign();
        void this.feed().catch(this.reject);
        break;
      case 'c':
        this.input?.close();
        break;
      case 'h':
        break;
      case 'end':
        this.over();
        this.resolve(this.compared(remoteEnd(words)));
        break;
      default:
        this.heedFailure(kind, words);
    }
    return undefined;
  }

  private heedFailure(kind: string, words: string[]): void {
    switch (kind) {
      case 'command':
        return;
      case 'missing':
        throw new MissingProgramsError(words, this.ready.shell);
      case 'nodirectory':
        throw new CommandNotStartedError('the container has no directory to write to, and the command was not run: it takes one of '
          + '$TMPDIR, /tmp, /dev/shm, /var/tmp and /run, with room for about 10 MB; a volume mounted there is enough');
      case 'damaged':
        throw damaged();
      case 'failed':
      case 'f':
        throw this.unknown(ExecFault.OUTPUT_FAILED, 'the container could not take what the command reads or prints: is its disk full, or has something emptied its directory for temporary files?');
      default:
        throw new BadFrameError(`there is no frame ${JSON.stringify(kind)}`);
    }
  }

  private heedText(text: string): void {
    // The command itself is shown when it is given, for the log of the session.
    if (this.phase !== 'given' && !(this.phase === 'handover' && this.handover.heed(text))) {
      this.shown = `${this.shown}${text}\n`.slice(-SHOWN_CHARACTERS);
    }
  }

  private async feed(): Promise<void> {
    const piece = await this.input?.next();
    this.idleness.sign();
    if (piece) {
      const base64 = piece.toString('base64');
      await this.typist.type(`d ${base64.length}`, base64);
    } else {
      await this.typist.type('e');
    }
  }

  private take(stream: 'o' | 'e', data: Buffer): undefined | Promise<void> {
    if (this.calledOff) {
      return undefined;
    }
    const taking = this.output.take(stream, data);
    if (!taking) {
      this.idleness.sign();
      this.overtime.sign();
      return undefined;
    }
    return this.overtime.holdFor(this.idleness.holdFor(unlessAborted(this.command.signal, async () => taking)));
  }

  private compared(end: RemoteEnd): End {
    if (this.calledOff) {
      return end;
    }
    const output = this.output.compared(end);
    if (!output) {
      throw this.unknown(ExecFault.DAMAGED, `the output did not arrive as it was sent: ${this.output.amount(end)}`);
    }
    if (end.how === 'lost') {
      throw this.unknown(ExecFault.SESSION_OVER, 'the command was ended because nothing came from this process for as long as its orphan time-out: '
        + 'it was suspended, or had no connection');
    }
    if (end.how === 'stopped' && !this.wasIdle) {
      throw this.unknown(ExecFault.SESSION_OVER, 'the command was ended because the container believed that the session was over');
    }
    return { ...end, output };
  }

  private result({ exitCode, how, output, left }: End): CapturedResult {
    return {
      ...output!,
      exitCode,
      timedOut: how === 'late' || this.wasIdle,
      wasIdle: this.wasIdle,
      durationMs: Math.round(performance.now() - this.began),
      sessionId: this.channel.sessionId,
      leftRunning: left,
    };
  }

  private sessionOver(message: string, cause?: Error): void {
    if (this.phase === 'over') {
      return;
    }
    const why = [message, this.shown].map(text => text.trim()).filter(text => text !== '').join('; ');
    if (this.phase === 'given' || this.phase === 'running') {
      this.reject(this.unknown(ExecFault.SESSION_OVER,
        `the session was over before the command, after ${this.output.amount()}${why && ` (${why})`}`, cause));
    } else {
      this.reject(this.handover.failure(why, cause));
    }
  }

  /** @param lost whether there is nobody there who could be told to end the command */
  private async callOff(lost: boolean): Promise<void> {
    this.calledOff = true;
    if (!lost && (this.phase === 'given' || this.phase === 'running')) {
      await Promise.race([this.typist.type('k'), pause(STOPPING_MS)]);
      await Promise.race([this.ending(), pause(STOPPING_MS)]);
    }
    await this.close(0);
  }

  /** The end of what was called off. */
  private async ending(): Promise<void> {
    const ended = new Promise<void>(resolve => this.resolve = () => resolve());
    await Promise.race([ended, this.channel.ended.then(() => undefined, () => undefined)]);
  }

  private over(): void {
    this.phase = 'over';
    this.hearing.stop();
  }

  private async close(patienceMs: number): Promise<void> {
    this.over();
    const ended = this.channel.ended.then(() => true, () => true);
    if (!await Promise.race([ended, pause(patienceMs)])) {
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
