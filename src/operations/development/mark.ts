import { OverwinterError } from '../../core/errors.ts';
import type { MadeFor } from '../../core/manifest.ts';
import type { Database } from '../../engines/engine.ts';
import {
  changeHold,
  changeHoldWith,
  type Hold,
  isHoldChanging,
  liftHold,
  readHold,
  settleHold,
  transactionOfHold,
  writeHold,
} from '../../local/hold.ts';
import { removeNote, writeNote } from '../../local/notes.ts';
import { lockDatabase } from '../lock-database.ts';
import type { Project } from '../project.ts';

/** What somebody said of a database: that it is the data, although it looks made up. */
export const REAL = 'real';

/** What is put in a database's place: what it was made for, the data itself, or something that changes nothing of what is there. */
export type Mark = MadeFor | 'data' | 'as it is';

/** A mark that comes or goes with what is put in a database's place. */
interface Marking {
  /** Right before it is in its place; a transaction that puts it there is named. */
  about(transaction?: string): void;
  /** It is in its place. */
  done(): void;
  /** It did not come to its place. */
  undone(): void;
}

const NOTHING = () => {};

/**
 * While a database that was made stands, no backup of it is written. So the mark of what comes is on the disk before it is in its place, and
 * that of what goes until it is gone. After a kill, a file tells which of the two it is, and a server what became of the transaction. Where there is
 * neither, it is marked as late as can be. The caller holds the database's lock. What `begin` does throws DISK_FULL and NOT_WRITABLE.
 */
export async function beginMarking({ local, now }: Project, database: Database, mark: Mark): Promise<Marking> {
  const { id: db, file } = database;
  await settleMarkLocked(local, database);
  const before = readHold(local, db);
  const after = holdAfter(db, before, mark, now());
  if (after === before) return { about: NOTHING, done: NOTHING, undone: NOTHING };
  const put = (hold: Hold | undefined) => {
    if (hold === undefined) liftHold(local, db);
    else writeHold(local, hold);
  };
  if (after !== undefined) removeNote(local, REAL, db);
  if (file !== undefined) changeHold(local, db, file.path, after);
  return {
    about(transaction) {
      if (transaction !== undefined) changeHoldWith(local, db, transaction, after);
      else if (file === undefined && after !== undefined) put(after);
    },
    done: () => put(after),
    undone: () => put(before),
  };
}

/** Ends the doubt that a kill leaves of what stands there. The caller holds the database's lock. */
export async function settleMarkLocked(local: string, { id, wentThrough }: Database): Promise<void> {
  const transaction = transactionOfHold(local, id);
  settleHold(local, id, transaction === undefined ? undefined : await wentThrough?.(transaction));
}

/** The same for whoever only looks at the mark. What cannot be settled now stays in doubt, and is held until then. */
export async function settleMark(project: Project): Promise<void> {
  const { local, database } = project;
  try {
    if (!isHoldChanging(local, database.id)) return;
    await lockDatabase(project, database, 0, () => settleMarkLocked(local, database));
  } catch (error) {
    if (!(error instanceof OverwinterError)) throw error;
  }
}

function holdAfter(db: string, before: Hold | undefined, mark: Mark, now: Date): Hold | undefined {
  if (mark === 'as it is') return before;
  if (mark === 'data') return before?.madeFor === undefined ? before : undefined;
  const reason = `it was made for ${mark.environment} from ${mark.backup}`;
  return { db, reason, time: now.toISOString(), madeFor: mark };
}

export const noteReal = (local: string, db: string): void => writeNote(local, REAL, db, { real: true });
