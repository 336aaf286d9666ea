import { clashes } from '../core/file-path.ts';
import type { Folder } from '../folders/wanted.ts';
import type { Missing } from './place-files.ts';
import type { SavedFile } from './read-files.ts';

/** What is made aside and put in place in one step: a file, or a folder that is not there, with all that is to be in it. */
export interface Unit {
  readonly number: number;
  readonly folder: Folder;
  /** As backups say it. */
  readonly path: string;
  /** A file is there that is another one. */
  readonly isThere: boolean;
  readonly files: readonly InUnit[];
}

/** A file, and the way to it from the folder; a file by itself has none. */
interface InUnit {
  readonly saved: SavedFile;
  readonly way: readonly string[];
}

/** A name in the place where it is made is longer than where it goes, and no system takes more than a few thousand letters. */
const LONGEST = 1024;

/**
 * Folders of thousands of files are put in place by one name each. Files whose names are one where a system ignores case are by themselves: of
 * those the first that is there stays.
 */
export function unitsOf(missing: readonly Missing[]): Unit[] {
  const alone = new Set(clashes(missing.map(({ saved }) => saved.line.path)));
  const units: (Unit & { readonly files: InUnit[] })[] = [];
  const folders = new Map<string, (typeof units)[number]>();
  const added = (unit: Omit<Unit, 'number' | 'files'>) => {
    const files: InUnit[] = [];
    const made = { ...unit, number: units.length, files };
    units.push(made);
    return made;
  };
  for (const { saved, target } of missing) {
    const { folder, isThere, firstMissing: path } = target;
    const isAlone = path === undefined || target.file.length > LONGEST || alone.has(saved.line.path);
    if (isAlone) {
      added({ folder, isThere, path: saved.line.path }).files.push({ saved, way: [] });
      continue;
    }
    const unit = folders.get(path) ?? added({ folder, isThere: false, path });
    folders.set(path, unit);
    unit.files.push({ saved, way: saved.line.path.slice(path.length + 1).split('/') });
  }
  return units;
}
