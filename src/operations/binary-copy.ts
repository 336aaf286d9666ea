import { emptiness, refusal } from '../core/decide.ts';
import { OverwinterError } from '../core/errors.ts';
import { lossesOf } from '../core/losses.ts';
import type { Staged } from '../engines/engine.ts';
import { forgetFailure } from '../local/attempt.ts';
import { adoptBinaryCopy, type BinaryCopy, binaryCopyFile, binaryCopyOf, isIntact } from '../local/binary-copy.ts';
import { liftHold } from '../local/hold.ts';
import { lineageTo, noteLineage } from '../local/lineage.ts';
import type { ReadableStore } from '../stores/store.ts';
import type { BackupResult } from './backup.ts';
import { openBackup, pointerOf, readCatalog } from './catalog.ts';
import { knownFrom, verdict } from './guard.ts';
import { contentsOf } from './loss.ts';
import type { Project } from './project.ts';
import { remotesOf } from './remotes.ts';
import { replaceWith } from './replace.ts';
import type { RestoreResult } from './restore.ts';

/** What a boot says it restored from. */
export const BINARY_SOURCE = 'the binary copy on this machine';

/**
 * Keeps the database itself beside a backup that was just made of it. What was lost since then is not kept: the guard of backups
 * holds here too. Throws what the engine's `copy` throws.
 */
export async function keepBinaryCopy(project: Project, backup: Pick<BackupResult, 'name' | 'rows'>): Promise<void> {
  const { id, label, file: database } = project.database;
  if (database === undefined) return;
  const { entries } = await readCatalog(project.store);
  const date = project.now().toISOString();
  const file = binaryCopyFile(project.local, id);
  const copy = database.at(file);
  try {
    await database.copyTo(file);
    const problem = await lossSince(project, backup, await copy.counts(), label);
    if (problem) throw problem;
    copy.file.removeBesides();
    const known = entries.map(({ name }) => name);
    const about = { db: id, date, environment: project.environment, of: backup.name, known };
    await adoptBinaryCopy(project.local, file, about);
  } catch (error) {
    copy.file.remove();
    throw error;
  }
}

/** What was lost since the backup was made, table by table; where it cannot be opened here, in all. */
async function lossSince(
  project: Project,
  { name, rows: rowsBefore }: Pick<BackupResult, 'name' | 'rows'>,
  rows: ReadonlyMap<string, number>,
  what: string,
): Promise<OverwinterError | undefined> {
  const contents = await contentsOf(project, project.store, await openBackup(project.store, name));
  if (contents === undefined) return refusal(sum(rows), rowsBefore, project.maxShrink, what);
  const known = knownFrom(contents.manifest);
  return verdict(project, { what, rows, known, rowsBefore, losses: lossesOf({ rows }, known, project) }, []);
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, rows) => total + rows, 0);

/**
 * The copy, where a start of the app may take it for the newest backup: it is of this environment and whole, its backup is still
 * here, and nobody has made one since that it does not know. A database whose tables are there already, as migrations leave
 * it, takes rows and not another file.
 */
export async function freshBinaryCopy(project: Project): Promise<BinaryCopy | undefined> {
  const { id, file } = project.database;
  const copy = binaryCopyOf(project.local, id);
  const wanted = project.boot?.from ?? project.environment;
  if (copy === undefined || file === undefined || copy.environment !== wanted) return;
  if ((await project.database.standing(project.ignoreTables)) === 'empty-tables') return;
  if (!(await namesIn(project.store, wanted)).includes(copy.of)) return;
  const isKnown = (name: string) => copy.known.includes(name) || name === copy.of;
  // One that cannot be asked may have a newer one.
  const namesOf = (store: ReadableStore) => namesIn(store, wanted);
  const remotes = remotesOf(project).map((remote) => remote.only(wanted));
  const names = await Promise.all([namesOf(project.store), ...remotes.map((remote) => remote.soon(namesOf))]).catch(
    () => undefined,
  );
  if (names === undefined || !names.flat().every(isKnown)) return;
  if (!(await isIntact(copy))) return;
  return emptiness(await file.at(copy.file).state(project.ignoreTables)) === undefined ? copy : undefined;
}

/** The backups that are, or may be, of an environment; one that the pointer knows and that is gone is one of them. */
async function namesIn(store: ReadableStore, environment: string): Promise<string[]> {
  const { entries, unreadable } = await readCatalog(store);
  const pointer = await pointerOf(store);
  const named = entries.find(({ name }) => name === pointer?.name);
  const isOthers = named !== undefined && named.metadata.origin.environment !== environment;
  return [
    ...entries.filter(({ metadata }) => metadata.origin.environment === environment).map(({ name }) => name),
    ...unreadable.map(({ name }) => name),
    ...(pointer === undefined || isOthers ? [] : [pointer.name]),
  ];
}

/** Puts it in the database's place. Undefined where it turns out to be damaged. The caller holds the lock. */
export async function restoreBinaryCopy(project: Project, copy: BinaryCopy): Promise<RestoreResult | undefined> {
  const { database } = project;
  if (database.file === undefined) return;
  let staged: Staged | undefined;
  try {
    const expected = await database.standing(project.ignoreTables);
    staged = await database.file.stageCopy(copy.file);
    const rows = sum(await staged.counts());
    const { of: name, date, environment } = copy;
    const label = `before restoring ${name}`;
    const replaced = await replaceWith(project, database, staged, {
      label,
      expected,
      date: new Date(date),
      mark: 'data',
    });
    liftHold(project.local, database.id);
    forgetFailure(project.local, database.id);
    const made = (await readCatalog(project.store)).entries.find((entry) => entry.name === name);
    // It may hold more than its backup, so it is compared before anybody calls it the same.
    if (made !== undefined) noteLineage(project.local, database.id, lineageTo(name, made.metadata, undefined));
    return { name, date, environment, rows, db: database.label, skipped: [], leftOut: {}, ...replaced };
  } catch (error) {
    if (error instanceof OverwinterError && ['DATABASE_CORRUPT', 'DATABASE_NOT_SQLITE'].includes(error.code)) return;
    throw error;
  } finally {
    await staged?.discard();
    database.file.at(copy.file).file.removeBesides();
  }
}
