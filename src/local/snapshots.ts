import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Engine } from '../engines/engine.ts';
import { makeLocalFolder } from './place.ts';

/** A binary copy of the database, local and unseen by git, taken just before something dangerous. */
export interface Snapshot {
  readonly id: string;
  readonly label: string;
  readonly date: string;
  readonly db: string;
  readonly file: string;
  readonly bytes: number;
}

const folderOf = (local: string) => join(local, 'snapshots');

/** Takes one and lets go of all but the newest `keep` of this database. */
export async function takeSnapshot(
  engine: Engine,
  local: string,
  db: string,
  label: string,
  now: Date,
  keep: number,
): Promise<Snapshot> {
  const folder = makeLocalFolder(local, 'snapshots');
  const stamp = now.toISOString().replace(/[-:T.Z]/g, '');
  const id = freeId(folder, `${stamp}-${basename(db).replace(/[^A-Za-z0-9._-]/g, '_')}`);
  const file = join(folder, `${id}.db`);
  await engine.copy(db, file);
  const snapshot = { id, label, date: now.toISOString(), db: resolve(db), file, bytes: statSync(file).size };
  // The description comes last: a copy without one is not a snapshot yet.
  writeFileSync(join(folder, `${id}.json`), `${JSON.stringify(snapshot, null, 2)}\n`, { mode: 0o600 });
  for (const old of listSnapshots(local, db).slice(Math.max(1, keep))) forget(folder, old.id);
  return snapshot;
}

function freeId(folder: string, wanted: string): string {
  let id = wanted;
  for (let n = 2; existsSync(join(folder, `${id}.db`)); n++) id = `${wanted}-${n}`;
  return id;
}

function forget(folder: string, id: string): void {
  rmSync(join(folder, `${id}.json`), { force: true });
  rmSync(join(folder, `${id}.db`), { force: true });
}

/** The snapshots of a database, newest first. */
export function listSnapshots(local: string, db: string): Snapshot[] {
  const folder = folderOf(local);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => readSnapshot(join(folder, file)))
    .filter((snapshot): snapshot is Snapshot => snapshot?.db === resolve(db) && existsSync(snapshot.file))
    .sort((a, b) => (a.date === b.date ? b.id.localeCompare(a.id, 'en', { numeric: true }) : a.date < b.date ? 1 : -1));
}

function readSnapshot(file: string): Snapshot | undefined {
  try {
    const value: Partial<Snapshot> = JSON.parse(readFileSync(file, 'utf8'));
    const { id, label, date, db, bytes } = value;
    if (id === undefined || label === undefined || date === undefined || db === undefined || bytes === undefined)
      return;
    return { id, label, date, db, bytes, file: file.replace(/\.json$/, '.db') };
  } catch {
    return undefined;
  }
}
