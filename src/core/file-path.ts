import { visible } from './visible.ts';

/** Names that nothing in a folder of files may have: they are git's, the package manager's and ours. */
const NEVER = ['.git', 'git~1', 'node_modules'];

/** What is ours beside somebody's files. */
export const OWN_PREFIX = '.overwinter';

/** The same as file systems may see it that ignore case, the form of accents, what has no width, and a dot at the end. */
const folded = (path: string): string => path.normalize('NFC').toLowerCase();

/** What can be no other name than it looks; and so are nearly all. */
const PLAIN = /^[A-Za-z0-9][\w -]*(\.\w+)*$/;

/** Whether a file or folder of this name is never saved, nor written: one that decides which program runs, or that is not the app's. */
export function isNeverSaved(name: string): boolean {
  if (PLAIN.test(name)) return NEVER.includes(name.toLowerCase());
  const plain = folded(visible(name).replace(/<U\+[0-9A-F]{4,6}>/g, '')).replace(/[. ]+$/, '');
  return NEVER.includes(plain) || plain.startsWith(OWN_PREFIX);
}

const LONGEST = 4096;

/**
 * What keeps a path from being one of a backup, as the end of a sentence; undefined where nothing does. Slashes divide it. Where its folder was looked at
 * already, `last` is all that is new.
 */
export function faultInFilePath(path: string, last = path): string | undefined {
  if (path === '' || path.length > LONGEST) return 'is too short or too long';
  if (PLAIN.test(last)) return isNeverSaved(last) ? 'is never saved' : undefined;
  if (!last.isWellFormed()) return 'is no valid text';
  if (/\p{Cc}/u.test(last)) return 'holds a control character';
  const names = last.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'leads elsewhere';
  return names.some(isNeverSaved) ? 'is never saved' : undefined;
}

/** What a Windows machine would not take for the name of a file, or for another one: there a restore stops before it. */
export function isForWindows(path: string): boolean {
  return path.split('/').every((name) => {
    if (/[<>:"\\|?*]|[. ]$/.test(name)) return false;
    return !/^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i.test(name);
  });
}

/** Paths that are one on a system that ignores case: of each group all but the first. */
export function clashes(paths: Iterable<string>): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const path of paths) {
    const plain = folded(path);
    if (seen.has(plain)) found.push(path);
    seen.add(plain);
  }
  return found;
}
