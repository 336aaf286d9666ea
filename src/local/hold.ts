import { rmSync } from 'node:fs';
import { isHindrance } from '../core/damage.ts';
import { shortName } from '../core/digest.ts';
import { reasonOf } from '../core/errors.ts';
import type { MadeFor } from '../core/manifest.ts';
import { writeProblem } from '../core/write-problem.ts';
import { whichFile } from '../files/if-there.ts';
import { localPath, readLocal, removeLocal, writeLocal } from './place.ts';

/**
 * What a failed restore leaves behind, or one that made data for development: while it stands, no backup of that database is written, so that
 * what the app wrote without its data, or fakes, cannot take the place of the good backup.
 */
export interface Hold {
  readonly db: string;
  readonly reason: string;
  /** When the restore failed, or was made; ISO 8601. */
  readonly time: string;
  /** It did not fail: what is there was made for an environment. */
  readonly madeFor?: MadeFor;
  /** The database says so itself, in these words: where it does no more, it holds no more. */
  readonly said?: { readonly place: string; readonly text: string };
}

/**
 * What holds while something is about to take the place of the database: a file, of which the one that is there tells, also after a kill, whether
 * that was done; or what a transaction puts there, of which only its server can tell.
 */
type Change = Holds & ({ readonly file: string; readonly was: string } | { readonly transaction: string });

interface Holds {
  readonly before?: Hold | undefined;
  readonly after?: Hold | undefined;
}

const nameOf = (db: string) => `hold-${shortName(db)}.json`;

/** Leaves a hold; one that stands already stays, because it says when the trouble began. Throws DISK_FULL or NOT_WRITABLE. */
export function placeHold(local: string, db: string, reason: string, time: Date): void {
  if (holdOf(local, db) !== undefined) return;
  const hold: Hold = { db, reason, time: time.toISOString() };
  writeHold(local, hold);
}

/** Throws DISK_FULL or NOT_WRITABLE. */
export const writeHold = (local: string, hold: Hold): void =>
  writeLocal(local, nameOf(hold.db), `${JSON.stringify(hold, null, 2)}\n`);

/** Another hold, or none, stands from the moment on at which another file is in this one's place. Throws as `writeHold`. */
export const changeHold = (local: string, db: string, file: string, after: Hold | undefined): void =>
  writeChange(local, db, { file, was: whichFile(file), before: readHold(local, db), after });

/** Another hold, or none, stands once a transaction is through; until somebody says whether it is, what is made may stand there. Throws as `writeHold`. */
export const changeHoldWith = (local: string, db: string, transaction: string, after: Hold | undefined): void =>
  writeChange(local, db, { transaction, before: readHold(local, db), after });

const writeChange = (local: string, db: string, change: Change) =>
  writeLocal(local, nameOf(db), `${JSON.stringify({ db, change }, null, 2)}\n`);

/** Whether one that was about to change still says so. */
export const isHoldChanging = (local: string, db: string): boolean =>
  /^ {2}"change": /m.test(readLocal(local, nameOf(db)) ?? '');

/** The transaction that decides which hold stands; undefined where none does. */
export function transactionOfHold(local: string, db: string): string | undefined {
  const change = changeOf(local, db);
  return change !== undefined && 'transaction' in change ? change.transaction : undefined;
}

/**
 * Makes what stands for now stand for good: the number of a file that is gone may be another's later. Of a transaction, the caller says whether it
 * went through. The caller holds the database's lock.
 */
export function settleHold(local: string, db: string, wentThrough?: boolean): void {
  const change = changeOf(local, db);
  if (change === undefined) return;
  const isThrough = 'transaction' in change ? wentThrough : isReplaced(change);
  if (isThrough === undefined) return;
  const hold = isThrough ? change.after : change.before;
  if (hold === undefined) removeLocal(local, nameOf(db));
  else writeHold(local, hold);
}

function changeOf(local: string, db: string): Change | undefined {
  if (!isHoldChanging(local, db)) return undefined;
  const { change }: { readonly change?: Change } = JSON.parse(readLocal(local, nameOf(db)) ?? '{}');
  return change;
}

/** The hold on a database, if there is one. A damaged one is one too: it was left for a reason. Throws NOT_OURS and NOT_READABLE. */
export function readHold(local: string, db: string): Hold | undefined {
  try {
    const source = readLocal(local, nameOf(db));
    return source === undefined ? undefined : holdIn(source);
  } catch (error) {
    if (isHindrance(error)) throw error;
    return unknownHold(db, 'a restore failed');
  }
}

const unknownHold = (db: string, reason: string): Hold => ({
  db,
  reason,
  time: new Date(0).toISOString(),
});

/** The same for whoever only tells of it: one that cannot be read is one, for that reason. */
export function holdOf(local: string, db: string): Hold | undefined {
  try {
    return readHold(local, db);
  } catch (error) {
    return unknownHold(db, reasonOf(error));
  }
}

function holdIn(source: string): Hold | undefined {
  const { db, reason, time, madeFor, said, change }: Partial<Hold & { change: Change }> = JSON.parse(source);
  if (change !== undefined) return standing(change);
  if (db === undefined || reason === undefined || time === undefined) throw new Error('no hold of ours');
  return { db, reason, time, ...(madeFor === undefined ? {} : { madeFor }), ...(said === undefined ? {} : { said }) };
}

/** While nobody knows, what is held back is what might be made. */
function standing(change: Change): Hold | undefined {
  if ('transaction' in change) return change.after ?? change.before;
  return isReplaced(change) ? change.after : change.before;
}

function isReplaced({ file, was }: { readonly file: string; readonly was: string }): boolean {
  const now = whichFile(file);
  return now !== 'missing' && now !== was;
}

/** Says whether there was one. Throws NOT_WRITABLE. */
export function liftHold(local: string, db: string): boolean {
  const stood = holdOf(local, db) !== undefined;
  const file = localPath(local, nameOf(db));
  try {
    rmSync(file, { force: true });
    return stood;
  } catch (error) {
    throw writeProblem(file, error);
  }
}
