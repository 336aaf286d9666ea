import { serverProblem } from './connect-problem.ts';
import type { Connect, Session } from './driver.ts';
import { fixedSettings } from './session-settings.ts';

/** How long a look waits for somebody's lock, in milliseconds. */
const LOCK_WAIT = 10_000;

/** Asks in a session of its own, in one transaction that writes nothing, so that all answers are of one moment. */
export async function asking<T>(label: string, connect: Connect, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect();
  try {
    await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ${fixedSettings(LOCK_WAIT)}`);
    return await work(session);
  } catch (error) {
    throw serverProblem(label, error);
  } finally {
    await session.close();
  }
}
