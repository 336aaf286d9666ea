import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import type { WantedFiles } from '../../src/folders/wanted.ts';
import { type Changes, projectAt, type TestProject } from './project.ts';

/** A folder of a project's whose files are saved, by the name that it has. */
export const UPLOADS = 'data/uploads';

export interface ProjectWithFiles extends TestProject {
  readonly folder: string;
  /** Writes a file into the folder, with a time that is long over. */
  put(path: string, bytes: string | Uint8Array, how?: { mode?: number; mtime?: Date }): void;
  /** All there is in it: bytes, mode and time, by path. */
  there(): Record<string, string>;
}

export function wantedIn(folder: string, names: readonly string[] = [UPLOADS]): WantedFiles {
  return {
    folders: [...names].sort().map((name) => ({ name, path: join(folder, name) })),
    top: folder,
    never: [join(folder, 'backups'), ...['', '-wal', '-shm', '-journal'].map((end) => join(folder, `app.db${end}`))],
    largest: 100_000_000,
    largestSum: 1_000_000_000,
  };
}

/** A project with rows, and folders whose files are saved with them. */
export function projectWithFiles(folder: string, changes: Changes = {}): ProjectWithFiles {
  const project = projectAt(folder, { files: wantedIn(folder), ...changes });
  return {
    ...project,
    folder,
    put(path, bytes, { mode = 0o644, mtime = new Date('2026-01-02T03:04:05.678Z') } = {}) {
      const file = join(folder, UPLOADS, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      chmodSync(file, mode);
      utimesSync(file, mtime, mtime);
    },
    there: () => treeOf(join(folder, UPLOADS)),
  };
}

export function treeOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const said = files.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    const { mode, mtimeMs } = lstatSync(path);
    const bytes = createHash('sha1').update(readFileSync(path)).digest('base64');
    return [path.slice(folder.length + 1), `${(mode & 0o777).toString(8)} ${Math.round(mtimeMs)} ${bytes}`];
  });
  return Object.fromEntries(said.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function addNotes(db: string, rows: number): void {
  const open = new Database(db);
  open.exec('CREATE TABLE IF NOT EXISTS notes(id INTEGER PRIMARY KEY, text TEXT)');
  const add = open.prepare('INSERT INTO notes(text) VALUES (?)');
  for (let i = 0; i < rows; i++) add.run(`note ${i}`);
  open.close();
}

export function readNotes(db: string): unknown {
  const open = new Database(db, { readonly: true });
  const count = open.prepare('SELECT count(*) FROM notes').pluck().get();
  open.close();
  return count;
}
