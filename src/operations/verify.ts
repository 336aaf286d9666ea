import { isHindrance } from '../core/damage.ts';
import { OverwinterError, reasonOf } from '../core/errors.ts';
import type { Hint } from '../core/hint.ts';
import { rowCount } from '../core/manifest.ts';
import { type LeftOut, leftOutOf, stillMissing } from '../core/privacy/left-out.ts';
import { noBackup } from '../core/problems/backups.ts';
import { restoreInexact } from '../core/problems/restoring.ts';
import { contentDigest } from '../core/write-manifest.ts';
import { type Drill, noteDrill } from '../local/drills.ts';
import { withScratch } from '../local/scratch.ts';
import type { ReadableStore } from '../stores/store.ts';
import { everyEntry, nameMeant, type Opened, openBackup, readCatalog } from './catalog.ts';
import { collect } from './collect.ts';
import { drillFiles } from './drill-files.ts';
import { marksOf } from './newest-files.ts';
import { type OnProgress, type Project, silent } from './project.ts';
import { mustBeOfType } from './put-in-place.ts';
import { slicesIn } from './read-parts.ts';
import { unseal } from './unseal.ts';
import { noSink } from './write-parts.ts';

export interface Verified {
  readonly name: string;
  readonly ok: boolean;
  readonly rows: number;
  /** What failed, and the way out; undefined where nothing did. */
  readonly problem: string | undefined;
  readonly hint: Hint | undefined;
  /** What the backup does not hold, and the drill could not try. */
  readonly leftOut: LeftOut;
  readonly warnings: readonly string[];
  /** Where it was restored, where that was no file of its own. */
  readonly where?: string;
}

/**
 * A drill, not a checksum: each backup is restored into a scratch database, checked, and read again; what comes out must have
 * the digest of what went in. Throws NO_BACKUP, BACKUP_NOT_FOUND and, unless all are tried, WRONG_KEY and ANOTHER_DATABASE; damage is an answer. What
 * stands in the way of a drill (a full disk, a file that cannot be read) says nothing about the backup, and is thrown as well.
 */
export async function verify(
  project: Project,
  which: { readonly name: string } | 'newest' | 'all',
  onProgress: OnProgress = silent,
  /** Told before the first and after each what was found so far, and of how many. What it throws ends it. */
  onFound: (found: readonly Verified[], of: number) => void = () => {},
): Promise<Verified[]> {
  const names = await namesOf(project.store, which);
  const results: Verified[] = [];
  onFound(results, names.length);
  for (const name of names) {
    results.push(await drill(project, name, onProgress, which === 'all'));
    onFound(results, names.length);
  }
  return results;
}

async function namesOf(store: ReadableStore, which: { readonly name: string } | 'newest' | 'all'): Promise<string[]> {
  if (typeof which === 'object') return [await nameMeant(store, which.name)];
  const catalog = await readCatalog(store);
  const { entries, unreadable } = catalog;
  // One that cannot even be read may have been the newest: it is tried, and fails, whatever was asked for.
  const all = [...everyEntry(catalog), ...unreadable].map(({ name }) => name);
  if (all.length === 0) throw noBackup(store.label)();
  return which === 'newest' ? [...entries.slice(0, 1), ...unreadable].map(({ name }) => name) : all;
}

async function drill(project: Project, name: string, onProgress: OnProgress, goOn: boolean): Promise<Verified> {
  let opened: Opened | undefined;
  const note = (ok: boolean, more: Pick<Drill, 'files' | 'problem'>) => {
    const { local, store } = project;
    if (opened !== undefined)
      noteDrill(local, store.id, opened.digest, { date: project.now().toISOString(), ok, ...more });
  };
  try {
    opened = await openBackup(project.store, name);
    // Taken before they are read: what is written meanwhile was not tried.
    const files = marksOf(project.store, opened);
    const tried = opened;
    const done = await withScratch(project.local, 'drill', (folder) => rehearse(project, tried, folder, onProgress));
    note(true, files === undefined ? {} : { files });
    return { name, ok: true, rows: opened.manifest.metadata.rows, problem: undefined, hint: undefined, ...done };
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    const isUntried = code === 'WRONG_KEY' || code === 'ANOTHER_DATABASE';
    if (isHindrance(error) || code === 'BACKUP_NOT_FOUND' || (isUntried && !goOn)) throw error;
    const hint = error instanceof OverwinterError ? error.hintPieces : undefined;
    // Who was told to stop, has not the key, or has another kind of database, has found nothing out.
    if (code !== undefined && !isUntried) note(false, { problem: reasonOf(error) });
    return { name, ok: false, rows: 0, problem: reasonOf(error), hint, leftOut: {}, warnings: [] };
  }
}

async function rehearse(
  project: Project,
  opened: Opened,
  scratch: string,
  onProgress: OnProgress,
): Promise<Pick<Verified, 'leftOut' | 'warnings' | 'where'>> {
  mustBeOfType(project.database, opened);
  const { manifest, store, unchecked } = await unseal(project.encryption, project.store, opened);
  const total = [...manifest.data.values()].reduce((sum, table) => sum + rowCount(table), 0);
  const progress = (phase: 'restoring' | 'checking') => {
    let done = 0;
    return (rows: number) => {
      done += rows;
      onProgress(phase, done, total);
    };
  };
  const slices = slicesIn(store, manifest.data);
  const staged = await project.database.stage('replace', scratch);
  try {
    const { warnings } = await staged.load(manifest, slices, progress('restoring'));
    // What is left out is left out of what was restored, too; what stands in its place is data now.
    const again = await staged.read(scratch, () => stillMissing(manifest.metadata));
    try {
      const { content } = await collect(again, noSink, progress('checking'));
      const { files } = manifest;
      const digest = contentDigest({ ...content, ...(files === undefined ? {} : { files }) });
      if (digest !== manifest.metadata.content)
        throw restoreInexact(opened.name, 'read again, it says something else')();
    } finally {
      await again.close();
    }
    const changing = await drillFiles(manifest, store);
    const where = staged.where?.();
    const told = { leftOut: leftOutOf(manifest.metadata), warnings: [...unchecked, ...warnings, ...changing] };
    return where === undefined ? told : { ...told, where };
  } finally {
    await staged.discard();
  }
}
