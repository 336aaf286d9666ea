import { autoRestore, type Keeper, keep } from 'overwinter';
import { migratePostgres } from './migrations.ts';
import { overPostgres, type Sql } from './sql.ts';

export interface Opened {
  readonly sql: Sql;
  readonly keeper: Keeper | undefined;
  close(): Promise<void>;
}

/** Brings the data back if it is gone, connects, and saves: while the app runs where there is a server, and at its end where there is none. */
export async function openPostgres(target: string, backups: string): Promise<Opened> {
  await autoRestore({ db: target, dir: backups });
  return target.startsWith('pglite:') ? openFolder(target, backups) : openServer(target, backups);
}

async function openServer(target: string, backups: string): Promise<Opened> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: target,
    types: { getTypeParser: (id, format) => (id === BIGINT ? Number : pg.types.getTypeParser(id, format)) },
  });
  // A server that goes away is no reason to go, too: the next question says so.
  pool.on('error', (error) => console.error(error.message));
  const sql = overPostgres(pool);
  await migratePostgres(sql);
  const keeper = await keep(target, { dir: backups, debounce: '2s' });
  return {
    sql,
    keeper,
    async close() {
      await keeper.stop();
      await pool.end();
    },
  };
}

/** Numbers of 64 bits come as texts unless somebody says otherwise: nobody's budget has so many cents. */
const BIGINT = 20;

/** PGlite is open once, so it is saved when the app lets go of it. */
async function openFolder(target: string, backups: string): Promise<Opened> {
  const { PGlite } = await import('@electric-sql/pglite');
  const db = await PGlite.create(target.slice('pglite:'.length));
  const sql = overPostgres(db);
  await migratePostgres(sql);
  return {
    sql,
    keeper: undefined,
    async close() {
      await db.close();
      const keeper = await keep(target, { dir: backups });
      await keeper.stop();
    },
  };
}
