import { join } from 'node:path';
import { sqliteDatabase } from '../../src/engines/sqlite/database.ts';
import type { SqliteOptions } from '../../src/engines/sqlite/open.ts';
import type { LocalProject } from '../../src/operations/project.ts';
import { folderStore } from '../../src/stores/folder/folder-store.ts';

/** A project, and the file its database is. */
export interface TestProject extends LocalProject {
  readonly db: string;
}

export type Changes = Partial<Omit<LocalProject, 'database'>> & {
  readonly db?: string;
  readonly options?: SqliteOptions;
};

const OPTIONS: SqliteOptions = { busyTimeout: 2000 };

/** A project in a folder of its own, as an entrance would put it together. */
export function projectAt(
  folder: string,
  { db = join(folder, 'app.db'), options, ...changes }: Changes = {},
): TestProject {
  return {
    db,
    database: sqliteDatabase(db, options ?? OPTIONS),
    identity: { name: 'app', isNamed: false, path: 'app.db' },
    local: join(folder, '.overwinter'),
    store: folderStore(join(folder, 'backups'), undefined, changes.wait),
    now: () => new Date(),
    environment: 'test',
    maxShrink: 0.5,
    retention: { last: 10, daily: 7, weekly: 4, monthly: 12 },
    keepSnapshots: 10,
    ignoreTables: [],
    wait: 5000,
    ...changes,
  };
}

/** The same project with another file for its database, or the same file opened in another way. */
export function withDatabase<P extends LocalProject>(project: P, db: string, options = OPTIONS): P & TestProject {
  return { ...project, db, database: sqliteDatabase(db, options) };
}
