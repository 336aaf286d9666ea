import { OverwinterError } from '../../core/errors.ts';
import type { MadeFor } from '../../core/manifest.ts';
import type { Database, Marked } from '../../engines/engine.ts';
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
import { isNews, markOf, noteOwnMark, noteUntrue, reasonOf } from './own-mark.ts';

/** What somebody said of a database: that it is the data, although it looks made up. */
export const REAL = 'real';

/** What is put in a database's place: what it was made for, the data itself, or something that changes nothing of what is there. */
export type Mark = MadeFor | 'data' | 'as it is';

/** A mark that comes or goes with what is put in a database's place. */
export interface Marking {
  /** What the database is to say of itself from then on; undefined where it says what it said. */
  readonly ownMark?: string | null;
  /** Right before it is in its place; a transaction that puts it there is named. */
  about(transaction?: string): void;
  /** It is in its place, and, where it says something of itself, whether it says what it should. Returns what there is to say of that. */
  done(marked?: Marked): string[];
  /** It did not come to its place. */
  undone(): void;
}

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
  const ownMark = mark === 'as it is' ? undefined : after?.madeFor === undefined ? null : markOf(after);
  const told = (marked: Marked | undefined) => tellOf(local, database, before, ownMark, marked);
  const own = ownMark === undefined ? {} : { ownMark };
  if (after === before) return { ...own, about() {}, done: told, undone() {} };
  const put = (hold: Hold | undefined) => {
    if (hold === undefined) liftHold(local, db);
    else writeHold(local, hold);
  };
  if (after !== undefined) removeNote(local, REAL, db);
  if (file !== undefined) changeHold(local, db, file.path, after);
  return {
    ...own,
    about(transaction) {
      if (transaction !== undefined) changeHoldWith(local, db, transaction, after);
      else if (file === undefined && after !== undefined) put(after);
    },
    done(marked) {
      const isSaid = marked?.isSaid === true && after !== undefined && typeof ownMark === 'string';
      put(isSaid ? { ...after, said: { place: marked.place, text: ownMark } } : after);
      return told(marked);
    },
    undone: () => put(before),
  };
}

/** Where whoever restores may not change what the database says of itself. */
function tellOf(
  local: string,
  { id, label }: Database,
  before: Hold | undefined,
  ownMark: string | null | undefined,
  marked: Marked | undefined,
): string[] {
  if (marked?.isSaid !== false) return [];
  if (typeof ownMark === 'string')
    return [
      `this checkout alone knows that ${label} was made for development: only the database's owner may write that into its comment, for others to see. Restored from here as its owner, it says so itself`,
    ];
  if (before?.said !== undefined) noteUntrue(local, id, before.said.text);
  return [
    `${label} still says in its comment that it was made for development, and only the database's owner may change that: other checkouts write no backup of it until then`,
  ];
}

/** Ends the doubt that a kill leaves of what stands there, and writes down what was made elsewhere. The caller holds the database's lock. */
export async function settleMarkLocked(local: string, { id, wentThrough, ownMark }: Database): Promise<void> {
  const transaction = transactionOfHold(local, id);
  settleHold(local, id, transaction === undefined ? undefined : await wentThrough?.(transaction));
  noteOwnMark(local, id, await ownMark?.());
}

/** The same for whoever only looks at the mark. What cannot be settled now stays in doubt, and is held until then. */
export async function settleMark(project: Project): Promise<void> {
  const { local, database } = project;
  try {
    if (!isHoldChanging(local, database.id)) {
      const own = await database.ownMark?.();
      if (own === undefined || !isNews(local, database.id, own)) return;
    }
    await lockDatabase(project, database, 0, () => settleMarkLocked(local, database));
  } catch (error) {
    if (!(error instanceof OverwinterError)) throw error;
  }
}

function holdAfter(db: string, before: Hold | undefined, mark: Mark, now: Date): Hold | undefined {
  if (mark === 'as it is') return before;
  if (mark === 'data') return before?.madeFor === undefined ? before : undefined;
  return { db, reason: reasonOf(mark), time: now.toISOString(), madeFor: mark };
}

export const noteReal = (local: string, db: string): void => writeNote(local, REAL, db, { real: true });
