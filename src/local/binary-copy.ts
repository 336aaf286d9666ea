import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { unlessHindered } from '../core/damage.ts';
import { shortName } from '../core/digest.ts';
import { readProblem } from '../core/read-problem.ts';
import { lstatIfThere } from '../files/if-there.ts';
import { localPath, makeLocalFolder, readLocal, writeLocal } from './place.ts';

/** The newest backup's second form: the database file itself, kept beside the JSON on the machine that made it. */
export interface BinaryCopy {
  readonly db: string;
  /** When it was taken: it holds what was committed before; ISO 8601. */
  readonly date: string;
  readonly environment: string;
  /** The newest backup at that moment, whose data it holds, or newer. */
  readonly of: string;
  /** The names of all backups there were. */
  readonly known: readonly string[];
  readonly sha256: string;
  readonly file: string;
}

const FOLDER = 'binary';
const folderOf = (local: string) => localPath(local, `${FOLDER}/.`);
const descriptionOf = (db: string) => `${FOLDER}/${shortName(db)}.json`;

/** A new name in there, for the copy to be made under. */
export function binaryCopyFile(local: string, db: string): string {
  return join(makeLocalFolder(local, FOLDER), `${shortName(db)}-${randomUUID()}.db`);
}

/** From here on this is the copy of the database; the one before goes. The description's name is what makes it so. */
export async function adoptBinaryCopy(
  local: string,
  file: string,
  about: Omit<BinaryCopy, 'file' | 'sha256'>,
): Promise<void> {
  const copy: BinaryCopy = { ...about, sha256: await digestOf(file), file };
  writeLocal(local, descriptionOf(about.db), JSON.stringify(copy));
  removeOthers(local, about.db, file);
}

/** The one before goes, and what a process that died began. */
function removeOthers(local: string, db: string, kept: string): void {
  const folder = folderOf(local);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(`${shortName(db)}-`) && !path.startsWith(kept)) rmSync(path, { force: true });
  }
}

/** Undefined where there is none, or its description is damaged. */
export function binaryCopyOf(local: string, db: string): BinaryCopy | undefined {
  try {
    const { date, environment, of, known, sha256, file, ...copy }: BinaryCopy = JSON.parse(
      readLocal(local, descriptionOf(db)) ?? '',
    );
    const isWhole = [date, environment, of, sha256].every((each) => typeof each === 'string') && Array.isArray(known);
    if (!isWhole || copy.db !== db || dirname(file) !== folderOf(local)) return undefined;
    return { db, date, environment, of, known, sha256, file };
  } catch (error) {
    return unlessHindered(error);
  }
}

/** Whether its bytes are those that were written. */
export async function isIntact(copy: BinaryCopy): Promise<boolean> {
  return lstatIfThere(copy.file)?.isFile() === true && (await digestOf(copy.file)) === copy.sha256;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash).catch((error: unknown) => {
    throw readProblem(file, error);
  });
  return hash.digest('hex');
}
