import { type SavedFiles, totalFiles } from '../core/saved-files.ts';
import { contentDigest } from '../core/write-manifest.ts';
import { type LeftOutFile, type Scan, scanFolders } from '../folders/scan.ts';
import type { Opened } from './catalog.ts';
import type { Collected } from './collect.ts';
import { type NotedSlice, notedFiles, noteFiles } from './file-notes.ts';
import { mustKeepFiles } from './files-guard.ts';
import type { AllowShrink } from './guard.ts';
import type { Before } from './loss.ts';
import type { Project } from './project.ts';
import { readFileLines } from './read-files.ts';
import { type FilesSaved, mustBeFew, saveFiles } from './save-files.ts';
import type { Sealing } from './seal.ts';
import type { Unsealed } from './unseal.ts';
import type { PartSink } from './write-parts.ts';

/** The files that a backup saved beside the rows, for people. */
export interface FilesSaid {
  readonly files: number;
  readonly bytes: number;
  /** What lies in the folders and is not in the backup. */
  readonly leftOut?: readonly LeftOutFile[];
  /** Written to whenever they were read: they may be half old and half new. */
  readonly changing?: readonly string[];
  /** Their names are one where a system ignores case. */
  readonly clashing?: readonly string[];
}

/** The files of one moment, on their way into a backup. */
export interface FilesBeside {
  /** Throws BACKUP_SHRUNK where files are gone that the backup before has, and nobody said that this is meant. Answers the folders where it is. */
  judge(before: Before, contents: Unsealed | undefined, allow: AllowShrink): readonly string[];
  /** Puts them into the sink. What looks as it did in the newest backup is not read again. */
  save(sink: PartSink, newest: Opened | undefined, contents: Unsealed | undefined, sealing?: Sealing): Promise<void>;
  /** The rows with them. */
  with(collected: Collected): Collected;
  said(): FilesSaid;
  /** Remembers what they looked like, once they are in this backup. */
  note(written: Opened): void;
}

/**
 * Looks what lies in the project's folders: to be called as soon as the moment of the rows has begun. Undefined where there are none. Throws what
 * looking throws, and CONFIG_INVALID where there is too much.
 */
export function filesBeside(project: Project): FilesBeside | undefined {
  const { files: wanted, now, onFiles } = project;
  if (wanted === undefined) return undefined;
  const scan: Scan = scanFolders(wanted, now());
  mustBeFew(scan, wanted);
  onFiles?.(scan);
  let saved: FilesSaved | undefined;
  let runs = 0;
  const done = (): FilesSaved => {
    if (saved === undefined) throw new Error('the files were not saved yet');
    return saved;
  };
  return {
    judge: (before, contents, allow) => mustKeepFiles(project, scan, before.newest, contents, allow),
    async save(sink, newest, contents, sealing) {
      const noted = notedFiles(project, newest, contents);
      const isKnown = ({ slice: { part, pieces } }: NotedSlice) =>
        [part, ...pieces].every(({ file }) => sealing?.knows(file) ?? true);
      const isUsable = noted !== undefined && contents !== undefined && noted.slices.every(isKnown);
      const known = isUsable ? { noted: noted.slices, linesOf: linesIn(contents) } : {};
      runs = isUsable ? noted.runs + 1 : 0;
      saved = await saveFiles(scan, { wanted, sink, ...known });
    },
    with: (collected) => withFiles(collected, done()),
    said: () => saidOf(done()),
    note: (written) => noteFiles(project, written, { looks: done().looks, runs }),
  };
}

const linesIn =
  ({ store }: Unsealed) =>
  (slice: SavedFiles['list'][number]) =>
    readFileLines(store, slice);

function withFiles(collected: Collected, { files, bytesWritten }: FilesSaved): Collected {
  const content = { ...collected.content, files };
  return {
    ...collected,
    content,
    digest: contentDigest(content),
    bytesWritten: collected.bytesWritten + bytesWritten,
  };
}

function saidOf({ files, leftOut, changing, clashing }: FilesSaved): FilesSaid {
  return {
    ...totalFiles(files.folders),
    ...(leftOut.length === 0 ? {} : { leftOut }),
    ...(changing.length === 0 ? {} : { changing }),
    ...(clashing.length === 0 ? {} : { clashing }),
  };
}
