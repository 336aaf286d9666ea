import { OverwinterError } from '../core/errors.ts';
import type { Origin } from '../core/manifest.ts';
import { backupName, kindOf } from '../core/names.ts';
import { saysTheSame } from '../core/privacy/left-out.ts';
import { writeAnyManifest } from '../format/any-manifest.ts';
import { relabel } from '../format/public-half.ts';
import { isSealed } from '../format/sealed.ts';
import { type Entry, type Opened, openBackup, readCatalog } from '../operations/catalog.ts';
import { copyBackup } from '../operations/copy.ts';
import type { AllowShrink } from '../operations/guard.ts';
import { keepAside } from '../operations/keep-aside.ts';
import { lossBetween } from '../operations/loss-between.ts';
import type { Project } from '../operations/project.ts';
import { openBody } from '../operations/unseal.ts';
import type { ReadableStore, WritableStore } from '../stores/store.ts';

/** The backup that is to be on the branch as this deployment's. */
export interface Source {
  readonly opened: Opened;
  /** Where its parts can be read. */
  readonly store: ReadableStore;
  /**
   * `changed`: read from a database in this run, and nobody had it. `unchanged`: read too, and the newest backup says the same.
   * `committed`: no database was read; this is what the commit carries. The latter two only get a label.
   */
  readonly kind: 'changed' | 'unchanged' | 'committed';
}

export interface Placed {
  readonly name: string;
  /** `kept`: the branch had it already. */
  readonly how: 'saved' | 'labelled' | 'kept';
  /** The backup that was labelled. */
  readonly of: string | undefined;
  readonly date: string;
  readonly tables: number;
  readonly rows: number;
  readonly encrypted: boolean;
}

/** Rows would have been lost on the branch. */
export interface Refused {
  readonly how: 'refused';
  /** What it is kept aside as. */
  readonly name: string;
  readonly problem: OverwinterError;
}

/**
 * Puts the source into a store that others wrote to meanwhile. Content that is there already is not written a second time,
 * but gets a manifest that names this deployment. What would lose rows of the ones before is kept aside. Throws BACKUP_EMPTY.
 */
export async function place(
  project: Project,
  source: Source,
  origin: Origin,
  allowShrink: AllowShrink,
  /** What the commit has: a branch that is new has nothing to compare with. */
  committed: ReadableStore,
): Promise<Placed | Refused> {
  const { store } = project;
  const { manifest, name } = source.opened;
  const { entries } = await readCatalog(store);
  const { metadata } = manifest;
  const done = entries.find(
    (entry) =>
      entry.name.startsWith('deployment_') &&
      saysTheSame(entry.metadata, metadata) &&
      entry.metadata.origin.commit === origin.commit &&
      (source.kind === 'committed' || entry.metadata.origin.environment === origin.environment),
  );
  if (done !== undefined) return placedAs('kept', await openBackup(store, done.name), undefined);
  const [newest] = entries;
  if (source.kind === 'changed' && (newest === undefined || !saysTheSame(newest.metadata, metadata))) {
    const before =
      comparable(entries, store, origin) ?? comparable((await readCatalog(committed)).entries, committed, origin);
    const problem = before && (await lossBetween(project, source, before, allowShrink, project.database.label));
    if (problem) return refused(source, store, problem);
    const saved = asOrdinary(source.opened);
    await store.batch((there) => copyBackup(source.store, there, source.opened, saved));
    return placedAs('saved', saved, undefined);
  }
  // The data is as old as it was, so the label must not look newer than what others saved since: one millisecond orders it.
  const date = new Date(Date.parse(metadata.backup_date) + 1).toISOString();
  const labelled = relabel(manifest, { ...metadata, backup_date: date, origin }, await secretOf(project, source));
  // Named after its whole text: two deployments of the same data in one second are two all the same.
  const label = backupName('deployment', new Date(date), writeAnyManifest(labelled).digest);
  await store.batch((there) => copyBackup(source.store, there, source.opened, { name: label, manifest: labelled }));
  return placedAs('labelled', { name: label, manifest: labelled }, name);
}

/** Throws the problem itself where there is nothing to keep. */
export async function refused(
  { opened, store }: Source,
  to: WritableStore,
  problem: OverwinterError,
): Promise<Refused> {
  const aside = await keepAside(store, to, opened);
  if (aside === undefined) throw problem;
  return { how: 'refused', name: aside.name, problem };
}

/** What was refused at the first try may be what the branch lacks at the next. */
function asOrdinary({ name, manifest, digest }: Opened): Pick<Opened, 'name' | 'manifest'> {
  const isAside = kindOf(name) === 'conflict';
  const ordinary = backupName('deployment', new Date(manifest.metadata.backup_date), digest);
  return { name: isAside ? ordinary : name, manifest };
}

/** The secret of an encrypted backup, where a key that is here opens it: with it a label cannot be forged. */
export async function secretOf(
  { encryption }: Pick<Project, 'encryption'>,
  { opened: { manifest }, store }: Pick<Source, 'opened' | 'store'>,
): Promise<Buffer | undefined> {
  if (!isSealed(manifest)) return undefined;
  try {
    return (await openBody(encryption, store, manifest)).secret;
  } catch (error) {
    if (error instanceof OverwinterError && error.code === 'WRONG_KEY') return undefined;
    throw error;
  }
}

/** Where it is known what this environment had before, that is what rows were lost against. */
function comparable(entries: readonly Entry[], store: ReadableStore, { environment }: Origin) {
  const entry = entries.find(({ metadata }) => metadata.origin.environment === environment) ?? entries[0];
  return entry && { entry, store };
}

export function placedAs(
  how: Placed['how'],
  { name, manifest }: Pick<Opened, 'name' | 'manifest'>,
  of: string | undefined,
): Placed {
  const { backup_date: date, tables, rows } = manifest.metadata;
  return { name, how, of, date, tables, rows, encrypted: isSealed(manifest) };
}
