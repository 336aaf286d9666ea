import { refusal } from '../core/decide.ts';
import { OverwinterError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { lossUnseen } from '../core/problems/loss.ts';
import { countRows, rowsByTable } from '../core/rows-by-table.ts';
import { isSealed, SEALED_FORMAT } from '../core/sealed.ts';
import type { Reading } from '../engines/engine.ts';
import { newestWhole, type Opened, pointerOf, readCatalog } from './catalog.ts';
import { mustBeOurs } from './ours.ts';
import type { Project } from './project.ts';
import { unseal } from './unseal.ts';

export type Read = Reading;

/** What is known of the backups before this one. */
export interface Before {
  /** The newest whole one. */
  readonly newest: Opened | undefined;
  /** Whether it is encrypted, or a newer one that is damaged. */
  readonly encrypted: boolean;
  /** How many rows the newest one had, even if it is damaged. */
  readonly rows: number;
}

/**
 * A damaged backup still counts for the guard: the pointer, or else its own first lines, know its rows. Throws ANOTHER_DATABASE where the
 * backups before are of another database.
 */
export async function lookBack(project: Pick<Project, 'identity' | 'folderOf' | 'store'>): Promise<Before> {
  const { store } = project;
  const { entries } = await readCatalog(store);
  mustBeOurs(project, store.label, entries);
  const { newest, damaged } = await newestWhole(store, entries);
  const pointer = await pointerOf(store);
  const rows = [newest?.manifest.metadata.rows ?? 0];
  for (const { name, metadata } of damaged) if (name !== pointer?.name) rows.push(metadata.rows);
  const date = newest?.manifest.metadata.backup_date ?? '';
  const isNewer =
    pointer !== undefined && (pointer.backup_date > date || damaged.some((each) => each.name === pointer.name));
  if (isNewer) rows.push(pointer.rows);
  const latest = [...damaged.map(({ metadata }) => metadata), ...(newest ? [newest.manifest.metadata] : [])];
  return { newest, encrypted: latest.some(({ format }) => format === SEALED_FORMAT), rows: Math.max(...rows) };
}

/** Throws BACKUP_EMPTY or BACKUP_SHRUNK. Rows that do not make a database one that holds data do not make a backup one. */
export async function mustNotLoseRows(project: Project, read: Read, before: Before): Promise<void> {
  // Most often all is well without a look at what was left out, and a backup that is encrypted need not be opened.
  if (
    lossIn(
      project,
      read,
      before,
      (_name, rows) => rows,
      () => before.rows,
    ) === undefined
  )
    return;
  const known = await contentsOf(project, before.newest);
  const knownRows = known && rowsByTable(known);
  const rowsIn = (table: string) => knownRows?.get(table) ?? 0;
  // What is left out on purpose is not lost: it counts as what it was before, as long as so many rows are there.
  const standIn = (name: string, rows: number, there: number) =>
    rows === there ? rows : Math.min(there, Math.max(rows, rowsIn(name)));
  // Of a backup that cannot be opened here the worst is assumed: that the rows were in the tables that tell.
  const rowsBefore = (tables: readonly string[]) =>
    known === undefined
      ? (before.newest?.manifest.metadata.rows ?? 0)
      : tables.reduce((sum, name) => sum + rowsIn(name), 0);
  const problem = lossIn(project, read, before, standIn, rowsBefore);
  if (problem === undefined) return;
  const isShut = known === undefined && before.newest !== undefined && isSealed(before.newest.manifest);
  // All rows are there, and nobody can see what was left out of the backup before.
  const isThere =
    lossIn(
      project,
      read,
      before,
      (_name, _rows, there) => there,
      () => before.rows,
    ) === undefined;
  throw isShut && isThere ? lossUnseen(project.database.label, before.rows)() : problem;
}

function lossIn(
  project: Project,
  read: Read,
  before: Before,
  standIn: (table: string, rows: number, there: number) => number,
  rowsBefore: (tables: readonly string[]) => number,
): OverwinterError | undefined {
  const counts = new Map([...read.absent].map(([name, there]) => [name, standIn(name, 0, there)]));
  const there = countsIn(read, 'there');
  for (const [name, rows] of countsIn(read, 'rows')) counts.set(name, standIn(name, rows, there.get(name) ?? 0));
  const telling = [...counts.keys()].filter((name) => !project.ignoreTables.includes(name));
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (counts.get(name) ?? 0), 0);
  return (
    refusal(sum([...counts.keys()]), before.rows, project.maxShrink, project.database.label) ??
    (sum(telling) > 0 ? undefined : refusal(0, rowsBefore(telling), project.maxShrink, project.database.label))
  );
}

/** Rows of the user's tables as they are read, or with those that are left out. */
function countsIn({ schema, tables }: Read, which: 'rows' | 'there'): Map<string, number> {
  const stored = new Map(tables.map((table) => [table.name, table[which]]));
  return countRows(schema, (name) => stored.get(name));
}

/** Undefined where there is none, and where an encrypted one cannot be opened here. */
export async function contentsOf(project: Project, backup: Opened | undefined): Promise<Manifest | undefined> {
  if (backup === undefined) return undefined;
  try {
    return (await unseal(project.encryption, project.store, backup)).manifest;
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    if (code === 'WRONG_KEY' || code === 'BACKUP_DAMAGED') return undefined;
    throw error;
  }
}
