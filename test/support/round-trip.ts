import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Prepare } from '../../src/engines/sqlite/open.ts';
import { type BackupResult, backup } from '../../src/operations/backup.ts';
import { type RestoreResult, restore } from '../../src/operations/restore.ts';
import type { TestProject as Project } from './project.ts';
import { withDatabase } from './project.ts';
import { differencesBetween } from './same-database.ts';
import { projectIn, scratch } from './scratch.ts';

/** Makes the project's database with `make`; functions and collations of the app's own come from `prepare`. */
export function projectWith(make: (db: Database.Database) => void, prepare?: Prepare, folder = scratch()): Project {
  const project = projectIn(folder, { options: { busyTimeout: 2000, ...(prepare === undefined ? {} : { prepare }) } });
  const db = new Database(project.db);
  db.pragma('synchronous = off');
  prepare?.(db);
  db.pragma('foreign_keys = off');
  try {
    make(db);
  } finally {
    db.close();
  }
  return project;
}

export interface Trip {
  readonly project: Project;
  readonly saved: BackupResult;
  readonly restored: RestoreResult;
  /** The file that was restored. */
  readonly copy: string;
}

/** Backs up, restores into another file, compares the two, and backs the copy up: it must be the same backup. */
export async function roundTrip(project: Project, prepare?: Prepare): Promise<Trip> {
  const saved = await backup(project, { trigger: 'test' });
  const copy = `${project.db}.restored`;
  const restored = await restore(project, { name: 'latest', to: copy });
  expect(differencesBetween(project.db, copy, prepare)).toEqual([]);
  const again = await backup(withDatabase(project, copy), { trigger: 'test' });
  expect(again).toMatchObject({ status: 'unchanged', name: saved.name });
  return { project, saved, restored, copy };
}

/** The whole law for one database. */
export const keeps = async (make: (db: Database.Database) => void, prepare?: Prepare): Promise<Trip> =>
  roundTrip(projectWith(make, prepare), prepare);

/** Every file of the backups folder with its size. */
export function backupFiles(project: Project): Map<string, number> {
  const root = project.store.path;
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map((entry) => join(entry.parentPath, entry.name)).map((file) => [file, statSync(file).size]));
}

/** Looks into a file and closes it again. */
export function look<T>(file: string, query: (db: Database.Database) => T, prepare?: Prepare): T {
  const db = new Database(file);
  try {
    prepare?.(db);
    return query(db);
  } finally {
    db.close();
  }
}
