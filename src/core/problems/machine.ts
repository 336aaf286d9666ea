/** The machine, or what else works on it, stands in the way. */
import { again, CONFIG, git, hint, overwinter, program } from '../hint.ts';
import { adviceFor, whatSystemSaid } from '../system-error.ts';
import { problem } from './problem.ts';

export const busy = problem(
  'BUSY',
  (dir: string) => `Another process is working on the backups in ${dir}.`,
  () => hint`Wait until it is done and ${again('run the command again')}.`,
);

export const diskFull = problem(
  'DISK_FULL',
  (where: string) => `There is no space left to write ${where}.`,
  () =>
    hint`Nothing that was there has changed. Free some space (${overwinter('prune', '--dry-run')} shows old backups) and ${again('run it again')}.`,
);

/** `code` is what the system said; '' where it said nothing. */
export const notWritable = problem(
  'NOT_WRITABLE',
  (where: string, code: string) => `${where} cannot be written${code === '' ? '' : `: ${whatSystemSaid(code)}`}.`,
  (where, code) => hint`${adviceFor(code, where)} Nothing that was there has changed.`,
);

/** Nobody knows what is there: neither that it is damaged, nor that there is nothing. */
export const notReadable = problem(
  'NOT_READABLE',
  (what: string, code: string) => `${what} cannot be read: ${whatSystemSaid(code)}.`,
  (what, code) => hint`${adviceFor(code, what)} Then ${again('run it again')}; nothing else was taken in its place.`,
);

export const notOurs = problem(
  'NOT_OURS',
  (path: string, why: string) => `${path} ${why}, so Overwinter uses nothing in it.`,
  (path) =>
    hint`See what it holds: ${program('ls', '-la', path)}. Then remove it (${git('rm', '-r', '--ignore-unmatch', path)}, then ${program('rm', '-rf', path)}): Overwinter makes its own anew.`,
);

export const localFolderTracked = problem(
  'NOT_OURS',
  (path: string) => `${path} is tracked by git, which brings it with any branch, so Overwinter uses nothing in it.`,
  (path) =>
    hint`If it was committed here by mistake: ${git('rm', '-r', '--quiet', '--cached', path)}, and commit that. If a branch brought it: ${git('rm', '-r', '--quiet', path)}; Overwinter makes its own anew.`,
);

export const linkedBackups = problem(
  'NOT_OURS',
  (path: string) =>
    `${path} is a link, and backups are neither read nor written through one: a branch may have brought it.`,
  (path) =>
    hint`${program('ls', '-l', path)} shows where it leads. ${program('rm', path)} removes the link alone; to keep backups there, name that folder: ${overwinter('list', '--dir', 'FOLDER')}, or dir in ${CONFIG}.`,
);

export const linkedAway = problem(
  'NOT_OURS',
  (path: string) =>
    `${path} is a link that came with the repository and leads out of it: nothing is written through it.`,
  (path) =>
    hint`${program('ls', '-l', path)} shows where it leads. Remove it (${program('rm', path)}), and ${again('run the command again')}.`,
);

export const snapshotFailed = problem(
  'DATABASE_FAILED',
  () => 'No snapshot could be taken.',
  () => hint`${overwinter('snapshot')} shows what stands in the way.`,
);

export const helperEnded = problem(
  'DATABASE_FAILED',
  () => 'The process that works for the panel ended before it was done.',
  () => hint`What was whole is whole; ${overwinter('status')} shows how things are. Then try it again.`,
);

export const packageIncomplete = problem(
  'PACKAGE_INCOMPLETE',
  (file: string) => `Overwinter's own ${file} is not to be found.`,
  () =>
    hint`Keep it out of bundles (${program('esbuild', '--external:overwinter')}), and start the app again after ${program('npm', 'install')} changed what is installed.`,
);
