import { type Keeper, keep, openDatabase } from 'overwinter';
import { migrate } from './migrations.ts';
import { type Opened, openPostgres } from './on-postgres.ts';
import { overSqlite, type Sql } from './sql.ts';

/** The open database and what backs it up; undefined while a restore replaces it. */
export interface Budget {
  db(): Sql | undefined;
  /** Undefined too where it is saved at the end alone. */
  health(): ReturnType<Keeper['health']> | undefined;
  whileClosed(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const isPostgres = (target: string) => /^(postgres|postgresql|pglite):/.test(target);

/** Brings the data back if it is gone, opens it, and backs it up from then on. A target is a file, or an address of PostgreSQL's. */
export async function openBudget(target: string, backups: string): Promise<Budget> {
  const open = () => (isPostgres(target) ? openPostgres(target, backups) : openSqlite(target, backups));
  let opened: Opened | undefined = await open();
  const close = async () => {
    const closing = opened;
    opened = undefined;
    await closing?.close();
  };
  return {
    db: () => opened?.sql,
    health: () => opened?.keeper?.health(),
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

async function openSqlite(file: string, backups: string): Promise<Opened> {
  const db = await openDatabase(file, { dir: backups });
  db.pragma('journal_mode = wal');
  db.pragma('foreign_keys = on');
  migrate(db);
  const keeper = await keep(db, { dir: backups, debounce: '2s' });
  return {
    sql: overSqlite(db),
    keeper,
    async close() {
      await keeper.stop();
      db.close();
    },
  };
}
