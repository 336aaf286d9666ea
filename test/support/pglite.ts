import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { kept } from './scratch.ts';

let pattern: Promise<string> | undefined;

/** A database of PGlite's in a folder, with nothing in it: to make one takes seconds, to copy one nothing. Gives the folder. */
export async function emptyPglite(folder: string): Promise<string> {
  pattern ??= make(join(kept(), 'pglite'));
  cpSync(await pattern, folder, { recursive: true });
  return folder;
}

async function make(folder: string): Promise<string> {
  const db = await PGlite.create(folder);
  await db.close();
  return folder;
}
