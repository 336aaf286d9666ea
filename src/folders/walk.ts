import { type Dirent, readdirSync, type Stats } from 'node:fs';
import { dirname, sep } from 'node:path';
import { faultInFilePath, isNeverSaved } from '../core/file-path.ts';
import { folderIsNone, folderLinked } from '../core/problems/files.ts';
import { absentOr } from '../core/read-problem.ts';
import { lstatIfThere } from '../files/if-there.ts';
import type { Folder, WantedFiles } from './wanted.ts';

/** What is told of what lies in folders. */
export interface Walker {
  /** A plain file: the folder's name with the path inside it, where it lies, and what the system says of it. */
  onFile(path: string, file: string, stat: Stats): void;
  /** Something that no backup can hold, and why, as the end of a sentence. */
  onOther(path: string, why: string): void;
  /** A folder that is not there at all. */
  onMissing(name: string): void;
}

/**
 * Goes through folders, files in the order of their paths. Nothing is opened, and no link is followed. Throws NOT_OURS where a folder is reached through
 * a link, CONFIG_INVALID where it is none, and NOT_READABLE for what cannot be looked at.
 */
export function walkFolders(wanted: WantedFiles, { onFile, onOther, onMissing }: Walker): void {
  const never = new Set(wanted.never);
  const walk = (folder: string, path: string) => {
    const before = folder.endsWith(sep) ? folder : folder + sep;
    for (const { text, kind, isText } of entriesOf(folder).sort(byPath)) {
      const at = before + text;
      if (never.has(at) || isNeverSaved(text)) continue;
      const inside = `${path}/${text}`;
      const fault = isText ? faultInFilePath(inside, text) : 'has a name that is no valid text';
      if (fault !== undefined) onOther(inside, fault);
      else if (kind === 'folder') walk(at, inside);
      else if (kind !== 'file') onOther(inside, `is ${kind}`);
      else {
        const stat = lstatIfThere(at);
        if (stat?.isFile()) onFile(inside, at, stat);
      }
    }
  };
  for (const folder of [...wanted.folders].sort((a, b) => (`${a.name}/` < `${b.name}/` ? -1 : 1))) {
    if (isFolder(wanted, folder)) walk(folder.path, folder.name);
    else onMissing(folder.name);
  }
}

/** Whether it is there. Throws NOT_OURS and CONFIG_INVALID. */
export function isFolder({ top }: Pick<WantedFiles, 'top'>, { path, name }: Folder): boolean {
  for (let at = path; at === path || at.startsWith(`${top}${sep}`); at = dirname(at))
    if (lstatIfThere(at)?.isSymbolicLink()) throw folderLinked(at, name)();
  const found = lstatIfThere(path);
  if (found !== undefined && !found.isDirectory()) throw folderIsNone(path)();
  return found !== undefined;
}

/** Whether there is no plain file in a folder, or no folder. Throws as `walkFolders` does. */
export function holdsNoFile(wanted: WantedFiles, folder: Folder): boolean {
  const never = new Set(wanted.never);
  const isBare = (path: string): boolean =>
    entriesOf(path).every(({ text, kind }) => {
      const at = path.endsWith(sep) ? path + text : path + sep + text;
      if (never.has(at) || isNeverSaved(text)) return true;
      return kind === 'folder' ? isBare(at) : kind !== 'file';
    });
  return !isFolder(wanted, folder) || isBare(folder.path);
}

interface Seen {
  readonly text: string;
  readonly kind: 'file' | 'folder' | 'a link' | 'no plain file';
  /** Whether its name is text, and this one. */
  readonly isText: boolean;
  /** Where it stands among others: what lies in a folder comes where the folder's name with a slash would. */
  readonly order: string;
}

const byPath = (a: Seen, b: Seen) => (a.order < b.order ? -1 : 1);

/** What stands in a text for bytes that are none. */
const NO_TEXT = '\ufffd';

/** What is in a folder that may go meanwhile. Names are looked at as bytes only where one may be no text. */
function entriesOf(folder: string): Seen[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (entries.some(({ name }) => name.includes(NO_TEXT))) return entriesAsBytes(folder);
    return entries.map((entry) => seenAs(entry.name, kindOf(entry), true));
  } catch (error) {
    absentOr(folder, error);
    return [];
  }
}

const entriesAsBytes = (folder: string): Seen[] =>
  readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).map((entry) => {
    const text = entry.name.toString('utf8');
    return seenAs(text, kindOf(entry), Buffer.from(text).equals(entry.name));
  });

const seenAs = (text: string, kind: Seen['kind'], isText: boolean): Seen => ({
  text,
  kind,
  isText,
  order: kind === 'folder' ? `${text}/` : text,
});

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): Seen['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'a link' : 'no plain file';
}
