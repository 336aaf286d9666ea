import type { DatabaseState } from '../../core/decide.ts';
import { type ErrorCode, OverwinterError } from '../../core/errors.ts';
import { databaseMissing } from '../../core/problems/database.ts';
import type { Database, Standing } from '../engine.ts';
import { withLock } from './advisory-lock.ts';
import { asking } from './asking.ts';
import { bringRows } from './bring/bring-rows.ts';
import { readSchema } from './catalog/read-schema.ts';
import { postgresCodec } from './codec.ts';
import { serverProblem } from './connect-problem.ts';
import type { Connect, Session } from './driver.ts';
import { fingerprint } from './fingerprint.ts';
import { keysIn, numberedIn } from './keys.ts';
import { readOwnMark, writeOwnMark } from './own-mark.ts';
import { read, readWithin, type Subject } from './read.ts';
import { clear } from './restore/clear.ts';
import { defined } from './restore/defined.ts';
import { stage } from './restore/stage.ts';
import type { DrillServer, RestoreTarget } from './restore/target.ts';
import { changing, wentThrough } from './restore/transaction.ts';
import { rowsFrom, wholeOf } from './rows-sql.ts';
import { shapesOf } from './shapes.ts';
import { countRowsOf } from './table-rows.ts';
import { findTables } from './tables.ts';
import { watch } from './watch.ts';

/** How a database is reached. */
export interface Access extends Subject {
  readonly id: string;
  /** A session with another database of the same server, where there is a server. */
  readonly connectTo?: (database: string) => Promise<Session>;
  readonly drillOn?: DrillServer;
  /** Whether there is anything to connect to; a folder need not be there yet. */
  isThere(): boolean;
  /** How long to wait for others, in milliseconds. */
  readonly wait: number;
  close(): Promise<void>;
}

/** A database of PostgreSQL's, on a server or in a folder. */
export function postgresDatabase(access: Access): Database {
  const { label, scope } = access;
  const connect: Connect = async () => {
    if (!access.isThere()) throw databaseMissing(label, undefined)();
    return access.connect();
  };
  const ask = <T>(work: (session: Session) => Promise<T>) => asking(label, connect, work);
  const isServer = access.connectTo !== undefined;
  const ownFingerprint = async () => (access.isThere() ? ask((session) => fingerprint(session, isServer)) : undefined);
  const state = async (ignore: readonly string[]): Promise<DatabaseState> =>
    access.isThere() ? ask((session) => stateIn(session, access, ignore)) : { kind: 'missing' };
  const standing = async (ignore: readonly string[]): Promise<Standing> => {
    const { kind } = await state(ignore);
    if (kind === 'rows') return 'data';
    return kind === 'no-rows' ? 'empty-tables' : 'nothing';
  };
  const target: RestoreTarget = {
    label,
    scope,
    connect: access.connect,
    ...(access.connectTo === undefined ? {} : { connectTo: access.connectTo }),
    drillOn: access.drillOn,
    standing,
    readWithin: (session, select) => readWithin(session, access, select),
  };
  return {
    codec: postgresCodec,
    label,
    id: access.id,
    fingerprint: ownFingerprint,
    state,
    standing,
    describe: () =>
      ask(async (session) => {
        const { tables } = await findTables(session, scope);
        const { schema, leftAlone } = await readSchema(session, label, scope);
        return { schema, shapes: shapesOf(tables, schema), notKept: leftAlone };
      }),
    counts: () =>
      ask(async (session) => {
        const { tables } = await findTables(session, scope);
        return countRowsOf(session, tables.filter(({ holdsRows }) => holdsRows).map(wholeOf));
      }),
    read: (_scratch, select) => read({ label, scope, connect }, select),
    stage: async (how, scratch) => stage(target, how, scratch),
    // Whatever is under way is a transaction, which ends with whoever began it.
    tidy: async () => {},
    isTidy: () => true,
    clear: (tables, first) => clear(target, tables, first, access.wait),
    bringRows: (content, slices, wanted, bringing) => bringRows(target, content, slices, wanted, bringing, access.wait),
    wentThrough: async (transaction) =>
      access.isThere() ? ask((session) => wentThrough(session, transaction)).catch(undefinedWhereAway) : undefined,
    ownMark: async () => (access.isThere() ? ask(readOwnMark) : undefined),
    removeOwnMark: async () => {
      const session = await connect();
      try {
        return await changing(session, access.wait, () => writeOwnMark(session, null));
      } catch (error) {
        throw serverProblem(label, error);
      } finally {
        await session.close();
      }
    },
    watch: () => watch(ownFingerprint),
    across: async () => {
      const { postgresAcross } = await import('./across/index.ts');
      return postgresAcross(target, () => (access.isThere() ? access.connect : undefined), access.wait);
    },
    keysOf: async (schema) => keysIn(schema),
    defined: (schema, settings, scratch) => defined(target, schema, settings, scratch),
    slicedBy: async (schema) => numberedIn(schema),
    ...(isServer
      ? {
          isElsewhere: true,
          lock: (wait, work) => withLock(label, connect, wait, work),
          isSuperuser: () => ask(isSuperuser),
        }
      : {}),
    close: () => access.close(),
  };
}

const AWAY: readonly ErrorCode[] = ['DATABASE_UNREACHABLE', 'DATABASE_REFUSED', 'DATABASE_MISSING'];

/** Whoever cannot be asked has not said. */
function undefinedWhereAway(error: unknown): undefined {
  if (!(error instanceof OverwinterError && AWAY.includes(error.code))) throw error;
}

async function isSuperuser(session: Session): Promise<boolean> {
  const [[is] = []] = await session.query('SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user');
  return is === 't';
}

/** One row of a table is enough. */
async function stateIn(session: Session, { scope }: Subject, ignore: readonly string[]): Promise<DatabaseState> {
  const { tables } = await findTables(session, scope);
  const counted = tables.filter(({ holdsRows }) => holdsRows);
  if (counted.length === 0) return { kind: 'no-tables' };
  const asked = counted.filter(({ key }) => !ignore.includes(key));
  const terms = asked.map((table) => `EXISTS (SELECT FROM ${rowsFrom({ table })})`);
  const [[isFilled] = []] = terms.length === 0 ? [] : await session.query(`SELECT ${terms.join(' OR ')}`);
  return { kind: isFilled === 't' ? 'rows' : 'no-rows', tables: counted.length };
}
