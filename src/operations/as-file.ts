import { databaseNotAFile } from '../core/problems/database.ts';
import type { AsFile, Database } from '../engines/engine.ts';

/** What only a database that is a file can do. Throws DATABASE_NOT_A_FILE for any other. */
export function asFile({ file, label }: Pick<Database, 'file' | 'label'>): AsFile {
  if (file === undefined) throw databaseNotAFile(label)();
  return file;
}
