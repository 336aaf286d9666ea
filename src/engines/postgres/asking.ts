import { serverProblem } from './connect-problem.ts';
import type { Connect, Session } from './driver.ts';
import { fixedSettings } from './session-settings.ts';
import { AT_A_TIME, inTurns } from './turns.ts';

/** Asks in a session of its own, in one transaction that writes nothing, so that all answers are of one moment. */
export async function asking<T>(label: string, connect: Connect, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await connect();
  try {
    return await inTurns(async () => {
      await session.query('ROLLBACK');
      await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ${fixedSettings(AT_A_TIME)}`);
      return work(session);
    });
  } catch (error) {
    throw serverProblem(label, error);
  } finally {
    await session.close();
  }
}
