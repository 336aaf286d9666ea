import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearest } from '../../core/nearest.ts';
import { NAMED_AS_ONE } from './names.ts';

/** The database that was probably meant where `path` is none: one beside it with nearly its name, or the only one there. */
export function neighbourOf(path: string): string | undefined {
  const folder = dirname(path);
  const beside = entriesOf(folder);
  if (beside === undefined) return inNearFolder(path);
  const databases = beside.filter((name) => NAMED_AS_ONE.test(name));
  const meant = nearest(basename(path), databases) ?? (databases.length === 1 ? databases[0] : undefined);
  return meant === undefined ? undefined : join(folder, meant);
}

/** The folder itself was misspelt. */
function inNearFolder(path: string): string | undefined {
  const folder = dirname(path);
  const meant = nearest(basename(folder), entriesOf(dirname(folder)) ?? []);
  if (meant === undefined) return undefined;
  const there = join(dirname(folder), meant);
  return entriesOf(there)?.includes(basename(path)) ? join(there, basename(path)) : undefined;
}

function entriesOf(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    // There is none, or nobody may look.
    return undefined;
  }
}
