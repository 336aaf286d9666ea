import type Database from 'better-sqlite3';
import { type Keeper, keep, openDatabase } from 'overwinter';
import { migrate } from './migrations.ts';

/** The open database and what backs it up; undefined while a restore replaces it. */
export interface Budget {
  db(): Database.Database | undefined;
  health(): ReturnType<Keeper['health']> | undefined;
  whileClosed(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Brings the data back if it is gone, opens it, and backs it up from then on. */
export async function openBudget(file: string, backups: string): Promise<Budget> {
  const open = async () => {
    const db = await openDatabase(file, { dir: backups });
    db.pragma('journal_mode = wal');
    db.pragma('foreign_keys = on');
    migrate(db);
    return { db, keeper: await keep(db, { dir: backups, debounce: '2s' }) };
  };
  let opened: Awaited<ReturnType<typeof open>> | undefined = await open();
  const close = async () => {
    const closing = opened;
    opened = undefined;
    await closing?.keeper.stop();
    closing?.db.close();
  };
  return {
    db: () => opened?.db,
    health: () => opened?.keeper.health(),
    stop: close,
    async whileClosed(work) {
      await close();
      try {
        await work();
      } finally {
        opened = await open();
      }
    },
  };
}
