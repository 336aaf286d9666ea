import { OverwinterError } from '../../core/errors.ts';
import type { MadeFor } from '../../core/manifest.ts';
import type { Database, OwnMark } from '../../engines/engine.ts';
import { type Hold, liftHold, readHold, writeHold } from '../../local/hold.ts';
import { readNote, writeNote } from '../../local/notes.ts';

/*
 * A database on a server is reached from other checkouts, too, and what lies in one of them the others do not know. So it says itself that it was
 * made for development, and whoever asks writes down what it says.
 */

/** A text that a database says of itself, and that is true no more, although nobody here may change it. */
const UNTRUE = 'untrue-mark';

const BEGINS = 'data made for development, of which no backup is written';

/** What a database says of itself while a hold stands on it. */
export const markOf = ({ madeFor, time }: Hold): string => `${BEGINS} ${JSON.stringify({ ...madeFor, time })}`;

/** No mark of ours is longer. */
const LONGEST = 2000;

/** Whatever it says, it says that it is not to be saved. */
function holdOfMark(db: string, said: OwnMark & { readonly text: string }): Hold {
  const { time, ...madeFor } = wordsIn(said.text) ?? { environment: 'development', backup: 'a backup', time: LONG_AGO };
  return { db, reason: reasonOf(madeFor), time, madeFor, said };
}

const LONG_AGO = new Date(0).toISOString();

function wordsIn(text: string): (MadeFor & { readonly time: string }) | undefined {
  try {
    const { environment, backup, time }: Record<string, unknown> = JSON.parse(text.slice(text.indexOf('{'), LONGEST));
    const isWhole = [environment, backup, time].every((each) => typeof each === 'string');
    return isWhole ? { environment: String(environment), backup: String(backup), time: String(time) } : undefined;
  } catch {
    return undefined;
  }
}

export const reasonOf = ({ environment, backup }: MadeFor): string => `it was made for ${environment} from ${backup}`;

/** What was said is true no more, and stays all the same. */
export const noteUntrue = (local: string, db: string, text: string): void => writeNote(local, UNTRUE, db, { text });

/** It says what it was made for, whoever made it. Returns whether anything here has to be written. Throws NOT_OURS and NOT_READABLE. */
function heard(local: string, db: string, own: OwnMark): { readonly hold: Hold | undefined } | undefined {
  const { place, text } = own;
  const now = readHold(local, db);
  if (text !== undefined && readNote(local, UNTRUE, db)?.text !== text) {
    if (now?.said?.place === place && now.said.text === text) return undefined;
    return { hold: holdOfMark(db, { place, text }) };
  }
  // Only what it said itself does it take back: another database at the same address says nothing of this one.
  return now?.said?.place === place ? { hold: undefined } : undefined;
}

export const isNews = (local: string, db: string, own: OwnMark): boolean => heard(local, db, own) !== undefined;

/** Writes down what a database says of itself. Throws DISK_FULL and NOT_WRITABLE. */
export function noteOwnMark(local: string, db: string, own: OwnMark | undefined): void {
  const news = own && heard(local, db, own);
  if (news === undefined) return;
  if (news.hold === undefined) liftHold(local, db);
  else writeHold(local, news.hold);
}

/** What is there is the data from now on, so it says nothing more of itself. False where it says so all the same. */
export async function unmark(local: string, database: Database, { said }: Hold): Promise<boolean> {
  if (said === undefined || database.removeOwnMark === undefined) return true;
  noteUntrue(local, database.id, said.text);
  try {
    return (await database.removeOwnMark()).isSaid;
  } catch (error) {
    // It is away by now, and what was to be done with it is done.
    if (error instanceof OverwinterError) return false;
    throw error;
  }
}
