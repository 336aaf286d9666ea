import { filesLost, folderLossInWords } from '../core/problems/files.ts';
import type { Scan } from '../folders/scan.ts';
import type { Opened } from './catalog.ts';
import type { AllowShrink } from './guard.ts';
import type { Project } from './project.ts';
import type { Unsealed } from './unseal.ts';

/** Somebody who deletes a few files has not lost a folder. */
const SOME_FILES = 20;

interface Counted {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * The guard of law 4 for files. Throws BACKUP_SHRUNK where a folder has none or few of the files any more that the newest backup has of it; one that
 * is not there at all has none.
 */
export function mustKeepFiles(
  { files: wanted, maxShrink }: Project,
  scan: Scan,
  newest: Opened | undefined,
  contents: Unsealed | undefined,
  allow: AllowShrink,
): void {
  if (wanted === undefined || newest === undefined || allow === true) return;
  const now = countsOf(
    wanted.folders.map(({ name }) => name),
    scan,
  );
  const before = contents?.manifest.files?.folders ?? [];
  const { files = 0, file_bytes: bytes = 0 } = newest.manifest.metadata;
  // Of one that is shut, nobody here knows more than how many files there are in all.
  const compared: (readonly [Counted, Counted])[] =
    contents === undefined
      ? [[sumOf(now), { name: now.map(({ name }) => name).join(', '), files, bytes }]]
      : now.flatMap((each) => before.filter(({ name }) => name === each.name).map((had) => [each, had] as const));
  const isMeant = (name: string) => allow !== false && allow.includes(name);
  const lost = compared.filter(([has, had]) => isLost(has, had, maxShrink) && !isMeant(had.name));
  if (lost.length === 0) return;
  const words = lost.map(([has, { name, files: count }]) => folderLossInWords(name, has.files, count));
  const names = contents === undefined ? now.map(({ name }) => name) : lost.map(([{ name }]) => name);
  throw filesLost(words.join('; '), names)();
}

function isLost(has: Counted, had: Counted, maxShrink: number): boolean {
  if (had.files === 0) return false;
  if (has.files === 0) return true;
  // As many files with nothing in them are lost just so.
  if (has.bytes === 0 && had.bytes > 0) return true;
  return had.files >= SOME_FILES && has.files < had.files * (1 - maxShrink);
}

function countsOf(names: readonly string[], { files }: Scan): Counted[] {
  return names.map((name) => {
    const own = files.filter(({ path }) => path.startsWith(`${name}/`));
    return { name, files: own.length, bytes: own.reduce((sum, file) => sum + file.bytes, 0) };
  });
}

const sumOf = (counts: readonly Counted[]): Counted => ({
  name: '',
  files: counts.reduce((sum, { files }) => sum + files, 0),
  bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
});
