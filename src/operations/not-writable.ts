import { dirname } from 'node:path';
import type { BootFacts, StoreFacts } from '../core/chain/facts.ts';
import { realPath } from '../files/real-path.ts';
import { whyNotWritable } from '../files/writable.ts';
import { isLocalFolder } from '../stores/store.ts';
import { troubleOf } from './newest-files.ts';
import type { Project } from './project.ts';

/** Why this user cannot write the next backup. `tries` makes a file in each folder, and removes it. */
export function nothingWritten({ store, local }: Project, tries: boolean): StoreFacts['notWritable'] {
  const folders = [...(isLocalFolder(store) ? [store.path] : []), local];
  return firstRefused(folders, tries, 'The next backup cannot be written: ');
}

/** Why a start of the app as this user could put nothing in the database's place. */
export function nothingBroughtBack({ database, local }: Project, tries: boolean): BootFacts['notWritable'] {
  const { file } = database;
  const folders = [...(file === undefined ? [] : [dirname(realPath(file.path))]), local];
  return firstRefused(folders, tries, 'A start could bring nothing back: ');
}

function firstRefused(folders: readonly string[], tries: boolean, before: string) {
  const why = folders.map((folder) => whyNotWritable(folder, tries)).find((each) => each !== undefined);
  return why === undefined ? undefined : troubleOf(why, before);
}
