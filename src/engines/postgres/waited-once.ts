import { OverwinterError } from '../../core/errors.ts';
import type { Connect, Session } from './driver.ts';

/** Who answers or refuses does so sooner. */
const LONG = 3_000;
const UNTIL_ASKED_AGAIN = 30_000;

/**
 * A server that says nothing is waited for once: a commit asks three times and a status six, and each would take as long. It is asked
 * again half a minute later. Milliseconds come from `now`.
 */
export function waitedOnce(connect: Connect, now: () => number): Connect {
  let silence: { readonly error: unknown; readonly until: number } | undefined;
  return async (): Promise<Session> => {
    const begun = now();
    if (silence !== undefined && begun < silence.until) throw silence.error;
    try {
      return await connect();
    } catch (error) {
      const isSilent = error instanceof OverwinterError && error.code === 'DATABASE_UNREACHABLE';
      silence = isSilent && now() - begun >= LONG ? { error, until: now() + UNTIL_ASKED_AGAIN } : undefined;
      throw error;
    }
  };
}
