import type { BesideFacts } from '../core/chain/facts.ts';
import type { Manifest } from '../core/manifest.ts';
import { type FoundFile, type Scan, scanFolders } from '../folders/scan.ts';
import type { WantedFiles } from '../folders/wanted.ts';
import type { Opened } from './catalog.ts';
import type { Effort } from './effort.ts';
import { notedLooks } from './file-notes.ts';
import { troubleOf } from './newest-files.ts';
import type { Project } from './project.ts';
import { type SavedFile, savedFilesIn } from './read-files.ts';
import { isSameFile } from './same-file.ts';
import { mustBeFew } from './save-files.ts';
import { unseal } from './unseal.ts';

/** Files of so many bytes in all are read to know whether they are what the newest backup has. */
const READ_AT_MOST = 16 * 1024 * 1024;

/**
 * How the files in the project's folders stand to the newest backup: known of what looks as it did when that was made, and read where it is
 * little. Undefined where none are to be saved. Troubles are answers. `manifest` is the backup's, where it can be opened here.
 */
export async function compareFiles(
  project: Project,
  opened: Opened,
  manifest: Manifest | undefined,
  effort: Effort,
): Promise<BesideFacts | undefined> {
  const { files: wanted } = project;
  if (wanted === undefined) return undefined;
  try {
    const scan = scanFolders(wanted, project.now());
    mustBeFew(scan, wanted);
    const leftOut = scan.leftOut.map(({ path }) => path);
    const looks = new Map(notedLooks(project, opened)?.looks.flat());
    const others = scan.files.filter(({ path, mark }) => mark === undefined || looks.get(path) !== mark);
    if (looks.size > 0 && others.length === 0)
      return { kind: 'compared', changed: 0, gone: looks.size - scan.files.length, leftOut };
    const isLittle = effort === 'thorough' || bytesOf(others) <= READ_AT_MOST;
    // Of one that is shut, nobody here knows more than what its files looked like.
    if (manifest === undefined || !isLittle) return { kind: 'unknown' };
    const { changed, gone } = await differences(project, wanted, { opened, manifest, scan, others });
    return { kind: 'compared', changed, gone, leftOut };
  } catch (error) {
    return { kind: 'trouble', trouble: troubleOf(error) };
  }
}

const bytesOf = (files: readonly FoundFile[]) => files.reduce((sum, { bytes }) => sum + bytes, 0);

interface Compared {
  readonly opened: Opened;
  readonly manifest: Manifest;
  readonly scan: Scan;
  /** Those that may be another way than in the backup. */
  readonly others: readonly FoundFile[];
}

async function differences(
  { encryption, store: sealed }: Project,
  wanted: WantedFiles,
  { opened, manifest, scan, others }: Compared,
): Promise<{ readonly changed: number; readonly gone: number }> {
  const { store } = await unseal(encryption, sealed, opened);
  const here = new Map(scan.files.map((found) => [found.path, found]));
  const open = new Map(others.map((found) => [found.path, found]));
  const saved = manifest.files === undefined ? [] : savedFilesIn(store, manifest.files);
  let gone = 0;
  for await (const each of saved) {
    const found = open.get(each.line.path);
    if (found !== undefined && (await isSameFile(found, each, wanted))) open.delete(each.line.path);
    if (!here.has(each.line.path) && isOurs(wanted, each)) gone++;
  }
  return { changed: open.size, gone };
}

const isOurs = ({ folders }: WantedFiles, { line }: SavedFile) =>
  folders.some(({ name }) => line.path.startsWith(`${name}/`));
