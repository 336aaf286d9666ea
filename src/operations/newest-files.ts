import { createHash } from 'node:crypto';
import type { FilesFacts, Trouble } from '../core/chain/facts.ts';
import { OverwinterError } from '../core/errors.ts';
import { DEBUG, hint } from '../core/hint.ts';
import { storedFiles } from '../format/sealed.ts';
import type { Drill } from '../local/drills.ts';
import { noteWhole, wholeFiles } from '../local/whole-files.ts';
import { isLocalFolder, type ReadableStore } from '../stores/store.ts';
import { mustHaveParts, type Opened } from './catalog.ts';
import type { Effort } from './effort.ts';
import type { Project } from './project.ts';
import { readPart } from './read-parts.ts';

/** So many bytes are read at once to see that they are what their names promise; more is for a drill. */
const READ_AT_MOST = 16 * 1024 * 1024;

/**
 * One mark for all files of a backup: it changes when somebody writes to one. Undefined where that is not cheap to know, and where one is
 * missing or of another size.
 */
export function marksOf(store: ReadableStore, { manifest }: Pick<Opened, 'manifest'>): string | undefined {
  if (!isLocalFolder(store)) return undefined;
  const files = storedFiles(manifest);
  const found = store.outsides(files.map(({ file }) => file));
  const hash = createHash('sha1');
  for (const { file, bytes } of files) {
    const outside = found.get(file);
    if (outside?.bytes !== bytes) return undefined;
    hash.update(`${file} ${outside.mark}\n`);
  }
  return hash.digest('hex');
}

/**
 * A cheap look at the files of a backup: all are there and as long as they should be; and what nobody wrote to since it was last
 * read need not be read again.
 */
export async function lookAtFiles(
  project: Project,
  opened: Opened,
  drill: Drill | undefined,
  effort: Effort,
): Promise<FilesFacts> {
  const { store, local } = project;
  try {
    await mustBeThere(store, opened);
    const marks = marksOf(store, opened);
    if (marks === undefined) return { kind: 'there' };
    if ((drill?.ok && drill.files === marks) || wholeFiles(local, store.id, opened.digest) === marks)
      return { kind: 'intact' };
    const parts = storedFiles(opened.manifest);
    if (effort === 'quick' && parts.reduce((sum, { bytes }) => sum + bytes, 0) > READ_AT_MOST) return { kind: 'there' };
    for (const part of parts) await readPart(store, part);
    noteWhole(local, store.id, opened.digest, marks);
    return { kind: 'intact' };
  } catch (error) {
    return { kind: 'damaged', what: 'parts', trouble: troubleOf(error, 'The newest backup cannot be restored: ') };
  }
}

/** Only its own files are looked at where that is possible: a folder may hold those of hundreds. */
async function mustBeThere(store: ReadableStore, opened: Opened): Promise<void> {
  if (!isLocalFolder(store)) return mustHaveParts(store, opened);
  const found = store.outsides(storedFiles(opened.manifest).map(({ file }) => file));
  const sizes = new Map([...found].map(([file, { bytes }]) => [file, bytes]));
  return mustHaveParts({ ...store, list: async () => sizes }, opened);
}

export function troubleOf(error: unknown, before = ''): Trouble {
  const next =
    error instanceof OverwinterError ? error.hintPieces : hint`This comes from the system; ${DEBUG} shows more.`;
  const said = error instanceof Error ? error.message : String(error);
  return { text: `${before}${said}`, ...(next.length === 0 ? {} : { hint: next }) };
}
