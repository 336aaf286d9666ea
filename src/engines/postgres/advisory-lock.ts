import { setTimeout as sleep } from 'node:timers/promises';
import { busy } from '../../core/problems/machine.ts';
import { serverProblem } from './connect-problem.ts';
import type { Connect, Session } from './driver.ts';

/** Any number, as long as nobody else uses it: the first bytes of SHA-256 of `overwinter`. Each database has its own locks. */
const NUMBER = '-5785550703173476946';
const ASK_AGAIN = 100;

/**
 * Runs `work` while no other session has this lock of the database. It belongs to a transaction, so it goes with the connection however
 * that ends, and poolers that lend a connection for a transaction leave it with us. Throws BUSY after `wait` milliseconds.
 */
export async function withLock<T>(label: string, connect: Connect, wait: number, work: () => Promise<T>): Promise<T> {
  const session = await connect();
  try {
    await take(session, label, performance.now() + wait);
    return await work();
  } finally {
    await session.close();
  }
}

async function take(session: Session, label: string, giveUpAt: number): Promise<void> {
  try {
    await session.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0');
    for (;;) {
      const [[isOurs] = []] = await session.query(`SELECT pg_try_advisory_xact_lock(${NUMBER})`);
      if (isOurs === 't') return;
      if (performance.now() >= giveUpAt) throw busy(label)();
      await sleep(ASK_AGAIN);
    }
  } catch (error) {
    throw serverProblem(label, error);
  }
}
