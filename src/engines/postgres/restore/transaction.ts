import type { Session } from '../driver.ts';
import { fixedSettings } from '../session-settings.ts';

/** Functions name what is not there yet, and the server would tell of each thing that goes with another. */
const WRITING = 'SET LOCAL check_function_bodies = off; SET LOCAL client_min_messages = error';

/** What is seen once a lock is held is what is there then, whatever a database is set to. */
export async function beginWriting(session: Session, patience: number): Promise<void> {
  await session.query(`BEGIN ISOLATION LEVEL READ COMMITTED; ${fixedSettings(patience)}; ${WRITING}`);
}

/** Looks at one moment, and holds nobody up. */
export async function looking<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ${fixedSettings(LOOK)}`);
  try {
    return await work();
  } finally {
    await session.query('ROLLBACK').catch(() => {});
  }
}

const LOOK = 10_000;
