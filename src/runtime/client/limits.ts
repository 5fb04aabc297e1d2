/** How long a call is waited for, and how often it is made: what the tests have shorter than everybody else. */
export interface ClientLimits {
  /** From sending a call to the first byte of its answer, in milliseconds: a cold start in a VPC, with an image that is new to the host. */
  readonly firstByteMs: number;

  /** Between two signs of life of a streamed answer, in milliseconds. The function gives one each minute. */
  readonly silenceMs: number;

  /** How much longer than its own time a command may take to end and to be answered, in milliseconds. */
  readonly overtimeMs: number;

  /** Until an asynchronous call is accepted, in milliseconds. */
  readonly acceptanceMs: number;

  /** How often a call is made that was refused without a doubt: because of throttling, or because the function is not ready. */
  readonly attempts: number;

  /** How often a connection is tried. */
  readonly connectionAttempts: number;

  /** The first pause between two attempts, in milliseconds; each is twice as long as the one before, but for some chance. */
  readonly firstPauseMs: number;
}

/** With these, a call that is refused again and again is given up after half a minute. */
export const CLIENT_LIMITS: ClientLimits = {
  firstByteMs: 300_000,
  silenceMs: 150_000,
  overtimeMs: 60_000,
  acceptanceMs: 30_000,
  attempts: 8,
  connectionAttempts: 4,
  firstPauseMs: 300,
};
