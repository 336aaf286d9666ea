import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../core/system-error.ts';

/**
 * How long a lock is waited for at a time, in milliseconds: where an app waits for us while we wait for it, the server ends one of the two
 * after a second. That is not to be the app.
 */
export const AT_A_TIME = 500;
/** How long in all. */
export const PATIENCE = 10_000;

/** A lock is held too long, or one waits for the other. */
export const HELD = ['55P03', '40P01'];

/** Not in step with whoever holds it. */
export const pause = (): Promise<void> => sleep(50 * (1 + Math.random()));

/** Looks again, with nothing held in between, where others hold what is to be looked at. */
export async function inTurns<T>(work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!HELD.includes(codeOf(error)) || performance.now() > giveUpAt) throw error;
    }
    await pause();
  }
}
