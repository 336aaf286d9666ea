/**
 * rclone was asked for something, and did not do it. What it wrote of that is never repeated: addresses and tokens may stand in it. The
 * command that shows it is named instead.
 */
import { type Command, hint, overwinter, program } from '../hint.ts';
import { problem } from './problem.ts';

export const rcloneMissing = problem(
  'STORE_FAILED',
  (place: string) => `${place} cannot be asked: the program rclone is not installed.`,
  () =>
    hint`Install it (${program('apt-get', 'install', 'rclone')}, ${program('brew', 'install', 'rclone')}, or from https://rclone.org/install), then run ${overwinter('doctor')}.`,
);

export const rcloneTooOld = problem(
  'STORE_FAILED',
  (place: string) => `${place} cannot be asked: this rclone is too old to know what it is told.`,
  () => hint`Install 1.63 or newer from https://rclone.org/install (${program('rclone', 'version')} says which it is).`,
);

export const rcloneNoRemote = problem(
  'STORE_FAILED',
  (place: string, _remote: string) => `${place} cannot be asked: rclone has no such remote.`,
  (_place, remote) =>
    hint`${program('rclone', 'listremotes')} shows those there are, and ${program('rclone', 'config')} makes one. On a host without its file, variables do: RCLONE_CONFIG_${remote.toUpperCase()}_TYPE and so on.`,
);

export const rcloneLocked = problem(
  'STORE_FAILED',
  (place: string) => `${place} cannot be asked: rclone's configuration is encrypted.`,
  () => hint`Set RCLONE_CONFIG_PASS to its password, then run ${overwinter('doctor')}.`,
);

export const rcloneShut = problem(
  'STORE_FAILED',
  (place: string, _remote: string) => `${place} lets rclone not in: the login is over, or may not do this.`,
  (_place, remote) =>
    hint`${program('rclone', 'config', 'reconnect', `${remote}:`)} logs in anew; then run ${overwinter('doctor')}.`,
);

export const rcloneFull = problem(
  'STORE_FAILED',
  (place: string) => `${place} takes no more: its space is used up.`,
  () => hint`Make room there; ${overwinter('prune', '--store', 'rclone')} removes old backups.`,
);

export const rcloneOutOfReach = problem(
  'STORE_FAILED',
  (place: string, tries: number, _shown: Command) =>
    `${place} is out of reach, or has too much to do (${tries} ${tries === 1 ? 'try' : 'tries'}).`,
  (_place, _tries, shown) => hint`See that the network is there. ${shown} shows what it says.`,
);

export const rcloneSilent = problem(
  'STORE_FAILED',
  (place: string, seconds: number, _shown: Command) =>
    `${place} said nothing for ${seconds} seconds, so rclone was ended.`,
  (_place, _seconds, shown) => hint`See that the network is there. ${shown} shows how far it comes.`,
);

export const rcloneSaid = problem(
  'STORE_FAILED',
  (place: string, what: string, _shown: Command) => `${place} did not do it: ${what}.`,
  (_place, _what, shown) => hint`${shown} shows what it says.`,
);
