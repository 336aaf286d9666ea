/** Files that are saved beside the rows, and the folders they lie in. */
import { size } from '../words.ts';
import { problem } from './problem.ts';

export const folderLinked = problem(
  'NOT_OURS',
  (link: string, _name: string) =>
    `${link} is a link, and files are neither saved nor written through one: a branch may have brought it.`,
  (link, name) =>
    `'ls -l ${link}' shows where it leads. To save what lies there, name that folder in overwinter.config.ts: files: [{ name: '${name}', folder: '/where/it/leads' }].`,
);

export const folderIsNone = problem(
  'CONFIG_INVALID',
  (path: string) => `The configuration's 'files' names ${path}, which is no folder.`,
  () =>
    "Name folders in overwinter.config.ts, as in files: ['data/uploads']; 'overwinter status' then says what is saved.",
);

export const filesTooLarge = problem(
  'CONFIG_INVALID',
  (folders: string, bytes: number, most: number) =>
    `The files in ${folders} have ${size(bytes)} together, and at most ${size(most)} are saved: no backup was written.`,
  (_folders, bytes) =>
    `Name smaller folders in 'files' of overwinter.config.ts or, where the repository and its host may grow so large, fileLimits: { all: ${Math.ceil(bytes / 1e6 / 100) * 100} } (megabytes).`,
);

export const filesLost = problem(
  'BACKUP_SHRUNK',
  (losses: string, _folders: readonly string[]) => `Files are gone: ${losses}. No backup was written.`,
  (_losses, folders) =>
    `'overwinter restore latest' brings them back; if this is meant, 'overwinter backup ${folders.map((each) => `--allow-shrink ${quoted(each)}`).join(' ')}'.`,
  (_losses, folders) => folders,
);

const quoted = (name: string) => (/^[\w./-]+$/.test(name) ? name : JSON.stringify(name));

export const fileInTheWay = problem(
  'NOT_WRITABLE',
  (path: string, what: string) => `${path} ${what}, where the backup has a file: nothing was restored.`,
  (path) => `See what it is, 'ls -ld ${path}', move it elsewhere, and run the command again.`,
);

export const fileNotForHere = problem(
  'NOT_WRITABLE',
  (path: string, why: string) => `The file ${path} of the backup ${why}: nothing was restored.`,
  () =>
    "'overwinter restore latest --to FILE' brings the rows alone; the files come back on the system they were saved on.",
);
