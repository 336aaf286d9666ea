import { OverwinterError, reasonOf } from '../../../core/errors.ts';
import { type Instance, over, type Session } from '../driver.ts';
import { duckdbProblem } from '../duckdb-problem.ts';
import { MAIN, quoted } from '../names.ts';
import type { Db } from '../open.ts';

/** A database that is reached over connections, and is no file. */
export interface Host {
  /** How people call it. */
  readonly label: string;
  readonly id: string;
  /** As its own definitions call it. */
  readonly catalog: string;
  /** A connection of its own, on which names mean what is in the database. Throws what `duckdbProblem` makes of it. */
  connect(): Promise<Db>;
  close(): Promise<void>;
}

/** How it is reached: all that one place differs in from another. */
export interface Reached {
  readonly label: string;
  readonly id: string;
  readonly catalog: string;
  /** What is in nothing that anybody is told. */
  readonly secret?: string;
  open(): Promise<Instance>;
}

/** It is opened when it is asked something, and stays open until it is closed. */
export function hostOver({ label, id, catalog, secret, open }: Reached): Host {
  let opening: Promise<Instance> | undefined;
  const opened = () => {
    opening ??= open();
    return opening;
  };
  return {
    label,
    id,
    catalog,
    async connect() {
      try {
        const connection = await (await opened()).connect();
        const session = silentAbout(secret, { ...over(connection), close: () => connection.closeSync() });
        await session.run(`USE ${quoted(catalog)}.${quoted(MAIN)}`);
        await session.run("SET SESSION TimeZone = 'UTC'; SET SESSION Calendar = 'gregorian'");
        return { ...session, label, catalog };
      } catch (error) {
        await closeIt();
        throw duckdbProblem(label, withoutSecret(secret, error));
      }
    },
    close: closeIt,
  };

  async function closeIt(): Promise<void> {
    const was = opening;
    opening = undefined;
    // What was never open needs no closing.
    (await was?.catch(() => undefined))?.closeSync();
  }
}

/** Asks in one moment of the database. */
export async function inOneMoment<T>(host: Host, ask: (db: Db) => Promise<T>): Promise<T> {
  const db = await host.connect();
  try {
    await db.run('BEGIN TRANSACTION');
    return await ask(db);
  } finally {
    // The transaction ends with it.
    db.close();
  }
}

function silentAbout(secret: string | undefined, session: Session): Session {
  const silently = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw withoutSecret(secret, error);
    });
  let isOpen = true;
  return {
    run: (sql) => silently(session.run(sql)),
    rows: (sql) => silently(session.rows(sql)),
    statements: (sql) => silently(session.statements(sql)),
    close() {
      if (isOpen) session.close();
      isOpen = false;
    },
  };
}

/** The same error, as it may be shown: whoever asks for its cause is shown that as well. */
function withoutSecret(secret: string | undefined, error: unknown): unknown {
  if (secret === undefined || secret === '' || error instanceof OverwinterError) return error;
  return new Error(reasonOf(error).replaceAll(secret, '…'));
}
