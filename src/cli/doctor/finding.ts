import { AwsCallError, AwsFailure } from '../../runtime/aws-call-error';
import { UserError } from '../errors';

/** `warning` is worth knowing and stops nothing; `skipped` could not be looked at. */
export type Verdict = 'ok' | 'warning' | 'wrong' | 'skipped';

/** What came of one check. */
export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** What was seen, what is wrong with it and how to mend it, or why it was not looked at. One line. */
  readonly detail: string;
}

/** What a check has seen, without its name. */
export type Seen = Omit<Finding, 'check'>;

export const ok = (detail: string): Seen => ({ verdict: 'ok', detail });
export const warning = (detail: string): Seen => ({ verdict: 'warning', detail });
export const wrong = (detail: string): Seen => ({ verdict: 'wrong', detail });
export const skipped = (detail: string): Seen => ({ verdict: 'skipped', detail });

/** @throws UserError where something is wrong */
export function requireRight(seen: Seen | undefined): void {
  if (seen?.verdict === 'wrong') {
    throw new UserError(seen.detail);
  }
}

/** Makes a check. What it throws is what is wrong, save for a missing right to look. */
export async function check(name: string, look: () => Promise<Seen | Seen[]>): Promise<Finding[]> {
  let seen: Seen | Seen[];
  try {
    seen = await look();
  } catch (error) {
    const { message } = error as Error;
    seen = error instanceof AwsCallError && error.failure === AwsFailure.PERMISSION
      ? skipped(`it cannot be looked at: ${message}`)
      : problemsOf(message).map(wrong);
  }
  return [seen].flat().map(one => ({ check: name, ...one, detail: one.detail.trim().replace(/\s*\n\s*/g, ' ') }));
}

/** Our messages of several problems are a heading with a list. */
function problemsOf(message: string): string[] {
  const [heading, ...problems] = message.split('\n  - ');
  return problems.length > 0 ? problems : [heading];
}
