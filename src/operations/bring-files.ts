import { OverwinterError } from '../core/errors.ts';
import type { SavedFiles } from '../core/saved-files.ts';
import { holdsNoFile } from '../folders/walk.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import { openBackup, readCatalog } from './catalog.ts';
import { newestReady, withNewest } from './newest.ts';
import { mustBeOurs } from './ours.ts';
import { type FilesRestored, stageFiles } from './place-files.ts';
import type { Project } from './project.ts';
import { chooseBackup } from './sources.ts';
import { unseal } from './unseal.ts';

/** The folders that hold no file, or are not there. */
function bareFolders(wanted: WantedFiles | undefined): WantedFiles | undefined {
  const folders = wanted?.folders.filter((folder) => holdsNoFile(wanted, folder)) ?? [];
  return wanted === undefined || folders.length === 0 ? undefined : { ...wanted, folders };
}

/**
 * Whether a folder that is saved with the rows holds no file: cheap, for it stops at the first. One that is a link, or no folder, is for the next
 * backup to refuse: an app that has its rows is not kept from its start.
 */
export function lacksFiles({ files }: Pick<Project, 'files'>): boolean {
  try {
    return bareFolders(files) !== undefined;
  } catch (error) {
    if (error instanceof OverwinterError) return false;
    throw error;
  }
}

/**
 * Fills folders that hold no file from the newest backup of this environment; nothing else is touched. Undefined where no backup has files for
 * them. The caller holds the database's lock. Throws what choosing and restoring throw.
 */
export async function bringBackFiles(
  project: Project,
): Promise<(FilesRestored & { readonly name: string }) | undefined> {
  const files = bareFolders(project.files);
  if (files === undefined) return undefined;
  const chosen = await chooseBackup(project, (from, among) =>
    withNewest(
      from,
      async (opened) => {
        mustBeOurs(project, from.label, [opened.manifest]);
        const { manifest, store } = await unseal(project.encryption, from, opened);
        if (!hasAny(manifest.files, files)) return undefined;
        const staged = await stageFiles({ ...project, files }, project.database, manifest.files, store);
        staged?.ready('stays');
        const placed = staged?.place();
        return placed && { ...placed, name: opened.name };
      },
      among,
    ),
  );
  return chosen?.found;
}

/** Whether `bringBackFiles` would find any, as far as the folder of backups knows. */
export async function filesToBring(project: Project): Promise<boolean> {
  const bare = lacksFiles(project) ? bareFolders(project.files) : undefined;
  if (bare === undefined) return false;
  const found = await chooseBackup(project, async (store, among) => {
    const { name } = await newestReady(store, await readCatalog(store), among);
    const { manifest } = await unseal(project.encryption, store, await openBackup(store, name));
    return hasAny(manifest.files, bare);
  });
  return found?.found === true;
}

/** Whether a backup has a file for one of the folders. */
const hasAny = (saved: SavedFiles | undefined, bare: WantedFiles): saved is SavedFiles =>
  saved?.folders.some(({ name, files }) => files > 0 && bare.folders.some((each) => each.name === name)) === true;
