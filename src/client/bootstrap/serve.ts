import { BufferedAnswer } from './buffered-answer';
import { Deadline, deadlineFor } from './deadline';
import { Ending, Execution, OutputSink } from './execution';
import { Launcher, LauncherLostError } from './launcher';
import { FunctionError, Invocation, RuntimeApi } from './runtime-api';
import { empty } from './scratch';
import { Settings } from './settings';
import { outputLimitError, StreamedAnswer } from './streamed-answer';
import { Command, INVALID_EVENT, parseEvent } from '../contract/event';
import { STREAM_CONTENT_TYPE } from '../contract/frames';
import { CommandResult, NON_ZERO_EXIT } from '../contract/result';

/** The most of a result that an error carries along: whoever is told of errors takes less than who is given answers. */
const RESULT_IN_ERROR_BYTES = 200 * 1024;

/** Something of a command is still there: the next one needs another sandbox. */
export class UncleanSandboxError extends Error {
  public readonly name = 'UncleanSandbox';

  public constructor() {
    super('a process of the last command cannot be killed: the sandbox has to be replaced');
  }
}

/** What a command has ended with, and what it was run for. */
interface Run {
  readonly invocation: Invocation;
  readonly command: Command;
  readonly deadline: Deadline;
  /** Begins to run the command; its output goes to the sink. */
  start(sink: OutputSink): Execution;
  /** To be called when the answer is on its way. */
  prepareNext(): void;
}

/** Answers events one after the other, until the sandbox is of no more use. */
export async function serve(api: RuntimeApi, launcher: Launcher, settings: Settings): Promise<never> {
  for (;;) {
    // Everything is made ready before the next event is asked for: it may come at once, and the sandbox may be frozen until then.
    const waiting = await launcher.waitingProcess();
    const invocation = await api.next();
    const command = understood(invocation.payload);
    if ('errorType' in command) {
      await api.fail(invocation.requestId, command);
      continue;
    }
    const trace: Array<[string, string]> = invocation.traceId ? [['_X_AMZN_TRACE_ID', invocation.traceId]] : [];
    const run: Run = {
      invocation,
      command,
      deadline: deadlineFor(Date.now(), invocation.deadline, command.timeoutSeconds),
      start: sink => new Execution(waiting, command, [...trace, ...command.env], sink),
      prepareNext: () => launcher.prepare(),
    };
    const { clean } = await (command.stream ? stream(run, api, settings) : buffer(run, api, settings));
    if (!clean) {
      throw new UncleanSandboxError();
    }
    empty(settings.scratchDirectory);
  }
}

function understood(payload: Buffer): Command | FunctionError {
  try {
    return parseEvent(JSON.parse(payload.toString()));
  } catch (error) {
    return { errorType: INVALID_EVENT, errorMessage: (error as Error).message };
  }
}

async function buffer(run: Run, api: RuntimeApi, settings: Settings): Promise<Ending> {
  const { invocation: { requestId }, command, deadline } = run;
  const collected = new BufferedAnswer(settings.resultsBucket && `s3://${settings.resultsBucket}/results/${requestId}/`);
  const execution = run.start(collected);
  let ending: Ending;
  try {
    ending = await execution.ending(deadline);
  } catch (error) {
    await api.fail(requestId, describe(error));
    throw error;
  }
  const failed = command.failOnNonZero && ending.exitCode !== 0;
  const result = await collected.result(ending, deadline.answerBy, failed ? RESULT_IN_ERROR_BYTES : undefined);
  const answered = failed ? api.fail(requestId, nonZeroExit(result)) : api.answer(requestId, JSON.stringify(result));
  run.prepareNext();
  await answered;
  return ending;
}

async function stream(run: Run, api: RuntimeApi, settings: Settings): Promise<Ending> {
  const { invocation: { requestId }, command, deadline } = run;
  const body = api.stream(requestId, STREAM_CONTENT_TYPE);
  const streamed = new StreamedAnswer(body, settings.heartbeatMs, () => execution.kill('SIGKILL'));
  const execution = run.start(streamed);
  // Nobody is there any more to take what the command prints.
  body.onLost(() => execution.kill('SIGKILL'));
  try {
    const ending = await execution.ending(deadline);
    const end = streamed.end(ending);
    const failed = command.failOnNonZero && end.exitCode !== 0;
    const ended = api.endStream(body, end.outputLimitExceeded ? outputLimitError() : failed ? nonZeroExit(end) : undefined);
    run.prepareNext();
    await ended;
    return ending;
  } catch (error) {
    streamed.abandon();
    await api.endStream(body, describe(error)).catch(() => {});
    throw error;
  }
}

/** The error that the caller has asked for; the result, where there is one, goes along with it. */
function nonZeroExit(outcome: Pick<CommandResult, 'exitCode' | 'signal' | 'timedOut'> & Partial<CommandResult>): FunctionError {
  const how = outcome.timedOut ? 'timed out, and was stopped'
    : outcome.signal ? `was ended by ${outcome.signal}` : `ended with exit code ${outcome.exitCode}`;
  const lastWords = outcome.stderrEncoding === 'utf8' ? (outcome.stderrCut?.tail ?? outcome.stderr ?? '').trim().split('\n').pop()! : '';
  return {
    errorType: NON_ZERO_EXIT,
    errorMessage: `the command ${how}${lastWords && `: ${lastWords.slice(-500)}`}`,
    ...'stdout' in outcome && { result: outcome },
  };
}

function describe(error: unknown): FunctionError {
  const { name, message } = error as Error;
  return { errorType: error instanceof LauncherLostError ? name : 'BootstrapError', errorMessage: message };
}
