import { LogSource, Server } from '../../runtime/server';
import { EXIT, UserError } from '../errors';
import { operate, OperationOptions } from '../operation';
import { watchReader } from '../output-reader';
import { written } from '../standard-output';

/** Options of `vast-cloud logs`. */
export interface LogsOptions extends OperationOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly last?: number;
  readonly task?: string;
  readonly client?: boolean;
  readonly timestamps?: boolean;
}

const UNITS: { readonly [unit: string]: number } = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Prints the log of the server or of the Lambda client, and goes on where it is followed. */
export async function logs(options: LogsOptions): Promise<number> {
  const since = options.since === undefined ? undefined : moment(options.since);
  if (options.follow) {
    watchReader();
  }
  return operate(options, 'the log goes on', async ({ connection, deployment, signal }) => {
    await new Server(connection, deployment).logs({
      which: options.client ? LogSource.CLIENT : LogSource.SERVER,
      since,
      last: options.last ?? (since ? undefined : 100),
      follow: options.follow,
      taskId: options.task,
      signal,
      onEvent: async ({ time, message }) =>
        written(process.stdout, `${options.timestamps ? `${time.toISOString()} ` : ''}${message.replace(/\n$/, '')}\n`),
    });
    return EXIT.success;
  });
}

/** A date, and the time of day with or without its zone, as ISO 8601 has them. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** `90s`, `10m`, `2h` and `1d` ago, or a moment as ISO 8601 has it. */
export function moment(text: string): Date {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const found = unit ? new Date(Date.now() - Number(amount) * UNITS[unit]) : new Date(isIso(text) ? text.replace(',', '.') : NaN);
  if (Number.isNaN(found.getTime())) {
    throw new UserError(`--since ${text} is no time: give how long ago with its unit, as in 90s, 10m, 2h or 1d, `
      + 'or a moment in the form of ISO 8601, such as 2026-11-25T12:00:00Z');
  }
  return found;
}

function isIso(text: string): boolean {
  const [, year, month, day] = (ISO.exec(text) ?? []).map(Number);
  // A date that there is not would be one of the next month.
  return year !== undefined && new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
}
