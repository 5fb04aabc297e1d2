import { LogSource, Server } from '../../runtime/server';
import { EXIT, UserError } from '../errors';
import { operate, OperationOptions } from '../operation';

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
  return operate(options, 'the log goes on', async ({ connection, deployment, signal }) => {
    await new Server(connection, deployment).logs({
      which: options.client ? LogSource.CLIENT : LogSource.SERVER,
      since,
      last: options.last ?? (since ? undefined : 100),
      follow: options.follow,
      taskId: options.task,
      signal,
      onEvent: ({ time, message }) => {
        process.stdout.write(`${options.timestamps ? `${time.toISOString()} ` : ''}${message.replace(/\n$/, '')}\n`);
      },
    });
    return EXIT.success;
  });
}

/** `90s`, `10m`, `2h` and `1d` ago, or a moment as ISO 8601 has it. */
function moment(text: string): Date {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const found = unit ? new Date(Date.now() - Number(amount) * UNITS[unit]) : new Date(text);
  if (Number.isNaN(found.getTime())) {
    throw new UserError(`--since ${text} is no time: give 90s, 10m, 2h, 1d, or a moment such as 2026-11-25T12:00:00Z`);
  }
  return found;
}
