/** Files that are saved beside the rows, and the folders they lie in. */
import { again, CONFIG, hint, overwinter, program, setting } from '../hint.ts';
import { size } from '../words.ts';
import { problem } from './problem.ts';

export const folderLinked = problem(
  'NOT_OURS',
  (link: string, _name: string) =>
    `${link} is a link, and files are neither saved nor written through one: a branch may have brought it.`,
  (link, name) =>
    hint`${program('ls', '-l', link)} shows where it leads. To save what lies there, name that folder in ${CONFIG}: ${setting({ files: [{ name, folder: '/where/it/leads' }] })}.`,
);

export const folderIsNone = problem(
  'CONFIG_INVALID',
  (path: string) => `The configuration's 'files' names ${path}, which is no folder.`,
  () =>
    hint`Name folders in ${CONFIG}, as in ${setting({ files: ['data/uploads'] })}; ${overwinter('status')} then says what is saved.`,
);

export const filesTooLarge = problem(
  'CONFIG_INVALID',
  (folders: string, bytes: number, most: number) =>
    `The files in ${folders} have ${size(bytes)} together, and at most ${size(most)} are saved: no backup was written.`,
  (_folders, bytes) =>
    hint`Name smaller folders in 'files' of ${CONFIG} or, where the repository and its host may grow so large, ${setting({ fileLimits: { all: Math.ceil(bytes / 1e6 / 100) * 100 } })} (megabytes).`,
);

export const filesLost = problem(
  'BACKUP_SHRUNK',
  (losses: string, _folders: readonly string[]) => `Files are gone: ${losses}. No backup was written.`,
  (_losses, folders) =>
    hint`${overwinter('restore', 'latest')} brings them back; if this is meant, ${overwinter('backup', ...folders.flatMap((each) => ['--allow-shrink', each]))}.`,
  (_losses, folders) => folders,
);

export const fileInTheWay = problem(
  'NOT_WRITABLE',
  (path: string, what: string) => `${path} ${what}, where the backup has a file: nothing was restored.`,
  (path) =>
    hint`See what it is, ${program('ls', '-ld', path)}, move it elsewhere, and ${again('run the command again')}.`,
);

export const fileNotForHere = problem(
  'NOT_WRITABLE',
  (path: string, why: string) => `The file ${path} of the backup ${why}: nothing was restored.`,
  () =>
    hint`${overwinter('restore', 'latest', '--to', 'FILE')} brings the rows alone; the files come back on the system they were saved on.`,
);
