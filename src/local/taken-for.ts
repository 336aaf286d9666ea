import { unlessHindered } from '../core/damage.ts';
import { whichFileAndWhen } from '../files/if-there.ts';
import { readLocal, removeLocal, writeLocal } from './place.ts';

/**
 * What is to be done once a snapshot is taken, as far as it can be told afterwards whether it was: another file in this one's place; a
 * transaction, which has no name before it is about to end; or other rows in the same file, of which only these tell. While it is not done, what the
 * snapshot holds is what is there.
 */
export type TakenFor =
  | { readonly file: string; readonly was: string }
  | { readonly transaction?: string }
  | { readonly rows: true };

const nameOf = (id: string) => `snapshots/${id}.for`;

/** Throws DISK_FULL and NOT_WRITABLE. */
export const noteTakenFor = (local: string, id: string, what: TakenFor): void =>
  writeLocal(local, nameOf(id), JSON.stringify(what));

/** It is done, and the snapshot is what was there before. */
export const forgetTakenFor = (local: string, id: string): void => removeLocal(local, nameOf(id));

/** Undefined where nothing is to be done, or nobody can tell what. */
export function takenFor(local: string, id: string): TakenFor | undefined {
  try {
    const source = readLocal(local, nameOf(id));
    if (source === undefined) return undefined;
    const { file, was, transaction, rows }: { file?: string; was?: string; transaction?: string; rows?: true } =
      JSON.parse(source);
    if (rows === true) return { rows };
    if (file !== undefined && was !== undefined) return { file, was };
    return transaction === undefined ? {} : { transaction };
  } catch (error) {
    return unlessHindered(error);
  }
}

/** Whether it is done; the name of the transaction where only that tells, and that it is about rows where these do. */
export function isDone(what: TakenFor): boolean | { readonly transaction: string } | { readonly rows: true } {
  if ('rows' in what) return what;
  // Where the file is gone, it is all that is left.
  if ('file' in what) return whichFileAndWhen(what.file) !== what.was;
  return what.transaction === undefined ? false : { transaction: what.transaction };
}
