import { besideIsNoFile } from '../core/problems/database.ts';
import type { AsFile, Database } from '../engines/engine.ts';

/** The database as another file would be. Throws USAGE for what is no file: beside it none can be made. */
export function asFile({ file, label }: Pick<Database, 'file' | 'label'>): AsFile {
  if (file === undefined) throw besideIsNoFile(label)();
  return file;
}
