import { readdirSync, readlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { PGlite, Transaction } from '@electric-sql/pglite';
import { driverMissing, folderOpenElsewhere } from '../../core/problems/server.ts';
import { isThere } from '../../files/if-there.ts';
import { realPath } from '../../files/real-path.ts';
import { connectProblem } from './connect-problem.ts';
import { isNotInstalled, type Row, type Session } from './driver.ts';

/**
 * PGlite over a folder, which is made where there is none. Throws ENGINE_MISSING, and DATABASE_LOCKED where somebody has it open: PGlite
 * would open it once more, and two of them destroy what is in it.
 */
export async function openFolder(folder: string, label: string): Promise<PGlite> {
  const path = realPath(folder);
  const holder = holderOf(path);
  if (holder !== undefined) throw folderOpenElsewhere(label, holder)();
  const { PGlite } = await driver();
  try {
    return await PGlite.create(path);
  } catch (error) {
    throw connectProblem(label, error);
  }
}

async function driver() {
  try {
    return await import('@electric-sql/pglite');
  } catch (error) {
    throw isNotInstalled(error) ? driverMissing('PGlite', ['@electric-sql/pglite'])(error) : error;
  }
}

/** What runs statements one after the other: PGlite itself, or a transaction of it. */
type Runner = Pick<PGlite, 'exec'>;

/**
 * A session with what an app has open. PGlite has one connection for all, so while a session lasts, everybody else waits; and it begins when
 * no transaction is under way.
 */
export async function sessionIn(db: PGlite): Promise<Session> {
  let leave = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let ending: Promise<void> = left;
  const turn = await new Promise<Transaction>((enter, fail) => {
    ending = db.transaction(async (transaction) => {
      // It is for the turn alone. What is asked begins its own, as it needs it.
      await transaction.exec('ROLLBACK');
      enter(transaction);
      await left;
      await transaction.exec('ROLLBACK');
    });
    ending.catch(fail);
  });
  return {
    ...statements(db, turn),
    close() {
      leave();
      return ending.catch(() => {});
    },
  };
}

/**
 * Sessions with what nobody but us has open. They share the one connection, so a transaction that begins within that of another session is
 * a part of it, and must end before it does.
 */
export function sessionsIn(db: PGlite): () => Session {
  let holder: object | undefined;
  let parts = 0;
  return () => {
    const self = {};
    const { query, ...copies } = statements(db, db);
    /** The part of another session's transaction that this one is in. */
    let part: string | undefined;
    const end = async (how: 'COMMIT' | 'ROLLBACK') => {
      if (part !== undefined) {
        const back = how === 'ROLLBACK' ? `ROLLBACK TO SAVEPOINT ${part}; ` : '';
        await query(`${back}RELEASE SAVEPOINT ${part}`);
        part = undefined;
      } else if (holder === self) {
        holder = undefined;
        await query(how);
      }
      return [];
    };
    return {
      ...copies,
      query(sql) {
        if (sql === 'COMMIT' || sql === 'ROLLBACK') return end(sql);
        if (!/^BEGIN\b/.test(sql)) return query(sql);
        if (holder === undefined || holder === self) {
          holder = self;
          return query(sql);
        }
        part = `part_${parts++}`;
        return query(sql.replace(/^BEGIN[^;]*/, `SAVEPOINT ${part}`));
      },
      close: async () => void (await end('ROLLBACK').catch(() => {})),
    };
  };
}

function statements(db: PGlite, runner: Runner): Omit<Session, 'close'> {
  return {
    async query(sql) {
      const { messages } = await db.runExclusive(() => db.execProtocol(asMessage(sql)));
      return lastRows(messages);
    },
    async *copyOut(sql) {
      const results = await runner.exec(sql.replace(/ TO STDOUT$/, " TO '/dev/blob'"));
      const blob = results.at(-1)?.blob;
      if (blob !== undefined) yield* blob.stream();
    },
    async copyIn(sql, bytes) {
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for await (const piece of bytes) pieces.push(new Uint8Array(piece));
      await runner.exec(sql.replace(/ FROM STDIN\b/, " FROM '/dev/blob'"), { blob: new Blob(pieces) });
    },
  };
}

/** A question as the protocol has it: then answers come as text, whatever their type. */
function asMessage(sql: string): Uint8Array {
  const text = Buffer.from(`${sql}\0`);
  const head = Buffer.from('Q\0\0\0\0');
  head.writeInt32BE(text.length + 4, 1);
  return Buffer.concat([head, text]);
}

function lastRows(messages: readonly { readonly name: string; readonly fields?: unknown }[]): readonly Row[] {
  let rows: Row[] = [];
  for (const message of messages) {
    if (message.name === 'rowDescription') rows = [];
    if (message.name === 'dataRow' && isRow(message)) rows.push(message.fields);
  }
  return rows;
}

const isRow = (message: object): message is { readonly fields: Row } =>
  'fields' in message && Array.isArray(message.fields);

const PROCESSES = '/proc';

/** Who has a file of the folder open, in words, as far as that can be told: PGlite says it in a file too, but whose that is it does not say. */
function holderOf(folder: string): string | undefined {
  if (!isThere(join(folder, 'postmaster.pid'))) return undefined;
  const pids = entriesOf(PROCESSES).filter((name) => /^\d+$/.test(name));
  const holder = pids.find((pid) => entriesOf(join(PROCESSES, pid, 'fd')).some((fd) => isInside(pid, fd, folder)));
  if (holder === undefined) return undefined;
  return Number(holder) === process.pid ? 'this process' : `another process (${holder})`;
}

function isInside(pid: string, fd: string, folder: string): boolean {
  try {
    return readlinkSync(join(PROCESSES, pid, 'fd', fd)).startsWith(folder + sep);
  } catch {
    return false;
  }
}

/** A process may end while it is looked at, and others are not ours to see. */
function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
