import { codeOf } from '../../../core/system-error.ts';
import type { Session } from '../driver.ts';
import { fixedSettings } from '../session-settings.ts';
import { whichDatabase } from '../which-database.ts';

/** Functions name what is not there yet, and the server would tell of each thing that goes with another. */
const WRITING = 'SET LOCAL check_function_bodies = off; SET LOCAL client_min_messages = error';

/** What is seen once a lock is held is what is there then, whatever a database is set to. */
export async function beginWriting(session: Session, patience: number): Promise<void> {
  await session.query(`BEGIN ISOLATION LEVEL READ COMMITTED; ${fixedSettings(patience)}; ${WRITING}`);
}

/** Changes something that is no row, in a transaction of its own. */
export async function changing<T>(session: Session, patience: number, work: () => Promise<T>): Promise<T> {
  await beginWriting(session, patience);
  const done = await work();
  await session.query('COMMIT');
  return done;
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

/** What the server calls the transaction that is open, and which server says so: others have given the number to another. */
export async function nameOfTransaction(session: Session): Promise<string | undefined> {
  const [[number] = []] = await session.query('SELECT pg_catalog.pg_current_xact_id()');
  return number === undefined || number === null ? undefined : `${number}@${await whichDatabase(session)}`;
}

/** How it ended; undefined while it goes on, and where the server has no memory of it, or is another one. */
export async function wentThrough(session: Session, transaction: string): Promise<boolean | undefined> {
  const [, number, where] = /^(\d{1,20})@(.+)$/.exec(transaction) ?? [];
  if (number === undefined || where !== (await whichDatabase(session))) return undefined;
  try {
    const [[status] = []] = await session.query(`SELECT pg_catalog.pg_xact_status('${number}')`);
    return status === 'committed' ? true : status === 'aborted' ? false : undefined;
  } catch (error) {
    if (codeOf(error) === NOT_YET) return undefined;
    throw error;
  }
}

/** It is beyond all that there were. */
const NOT_YET = '22023';
