/** When a command has to go, in milliseconds since 1970, so that there is an answer before Lambda ends everything. */
export interface Deadline {
  /** SIGTERM: the command may still end by itself. */
  readonly terminateAt: number;

  /** SIGKILL. */
  readonly killAt: number;

  /** The answer is given, whatever is there. */
  readonly answerBy: number;
}

/** How much of the time is kept for the end: a tenth, but no more than is of use, and no less than it takes. */
const SHARE = 0.1;
const LONGEST_MS = 5000;
const SHORTEST_MS = 600;

/** How long a command whose own time is over may take to end by itself. */
const GRACE_MS = 5000;

/**
 * @param now when the command begins
 * @param lambdaDeadline when Lambda gives up
 * @param timeoutSeconds the command's own time
 */
export function deadlineFor(now: number, lambdaDeadline: number, timeoutSeconds = Infinity): Deadline {
  const margin = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (lambdaDeadline - now) * SHARE));
  const terminateAt = Math.min(now + timeoutSeconds * 1000, lambdaDeadline - margin);
  return {
    terminateAt,
    killAt: Math.min(terminateAt + GRACE_MS, lambdaDeadline - margin / 2),
    answerBy: lambdaDeadline - margin / 4,
  };
}
