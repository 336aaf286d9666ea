import { type Hold, liftHold, type MadeFor, readHold, writeHold } from '../../local/hold.ts';
import { removeNote, writeNote } from '../../local/notes.ts';
import type { Project } from '../project.ts';

/** What somebody said of a database: that it is the data, although it looks made up. */
export const REAL = 'real';

const reasonFor = ({ environment, backup }: MadeFor) => `it was made for ${environment} from ${backup}`;

/**
 * Marks a database before anything is put into it: no backup of it is written while the mark stands. Returns what takes the mark back, where
 * nothing was put in after all. Throws DISK_FULL and NOT_WRITABLE.
 */
export function markMade({ local, now }: Project, db: string, madeFor: MadeFor): () => void {
  const before: Hold | undefined = readHold(local, db);
  removeNote(local, REAL, db);
  writeHold(local, { db, reason: reasonFor(madeFor), time: now().toISOString(), madeFor });
  return () => {
    if (before === undefined) liftHold(local, db);
    else writeHold(local, before);
  };
}

/** What is there is what it was when it was marked, or when it was not. */
export function markAsBefore(project: Project, db: string, madeFor: MadeFor | undefined): void {
  if (madeFor !== undefined) markMade(project, db, madeFor);
  else if (readHold(project.local, db)?.madeFor !== undefined) liftHold(project.local, db);
}

export const noteReal = (local: string, db: string): void => writeNote(local, REAL, db, { real: true });
