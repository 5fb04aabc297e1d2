/** What the user can put right: ends with exit code 2. */
export class UserError extends Error {
  public readonly name = 'UserError';
}

/** What went wrong while doing it: ends with exit code 1, or that of the program that failed. */
export class Failure extends Error {
  public readonly name = 'Failure';
}

/** Ctrl-C, or another signal that people and machines end programs with: ends with 128 and the signal's number. */
export class Interrupted extends Error {
  public readonly name = 'Interrupted';

  public constructor(public readonly exitCode: number) {
    super('interrupted');
  }
}

/** The exit codes of the command, listed in its help. */
export const EXIT = { success: 0, failure: 1, userError: 2, interrupted: 130 } as const;
