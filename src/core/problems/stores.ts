/** A place beside the folder cannot be as it is named. */
import { CONFIG, hint, overwinter, program } from '../hint.ts';
import { problem } from './problem.ts';

export const storeUnknown = problem(
  'CONFIG_INVALID',
  (scheme: string, meant: string | undefined, _examples: readonly string[]) =>
    `${scheme === '' ? 'An address of a store begins with its kind' : `There is no kind of store '${scheme}:'`}${meant === undefined ? '.' : `; did you mean '${meant}:'?`}`,
  (_scheme, _meant, examples) =>
    hint`Name one in 'stores' of ${CONFIG} or in OVERWINTER_STORES: ${examples.join(', ')}.`,
);

export const storeInvalid = problem(
  'CONFIG_INVALID',
  (scheme: string, what: string, _example: string) => `The store '${scheme}:…' ${what}.`,
  (_scheme, _what, example) =>
    hint`Write it like ${example}, in 'stores' of ${CONFIG} or in OVERWINTER_STORES. Secrets belong in variables alone.`,
);

export const storeNotThere = problem(
  'NOT_READABLE',
  (folder: string) => `${folder} is not there, so no backup is kept in it.`,
  (folder) =>
    hint`See that its disk is connected. Where it is new, make it: ${program('mkdir', '-p', folder)}; it is not made by itself, because a disk that is not mounted would look new.`,
);

export const storeSilent = problem(
  'STORE_FAILED',
  (label: string, seconds: number) => `${label} did not answer in ${seconds} seconds.`,
  () => hint`See that the network is there; ${overwinter('doctor')} tries each place.`,
);

export const copyStopped = problem(
  'STORE_FAILED',
  (label: string) => `The copy to ${label} was stopped: no backup stands there that is not whole.`,
  () => hint`${overwinter('push')} begins again with what is missing.`,
);

export const copyEnded = problem(
  'STORE_FAILED',
  (label: string) =>
    `The process that wrote to ${label} ended in the middle: no backup stands there that is not whole.`,
  () => hint`${overwinter('push')} begins again with what is missing.`,
);

export const tooLargeForOne = problem(
  'STORE_FAILED',
  (label: string, most: number) => `The backup is too large to be one file in ${label}: ${most} MB are the most.`,
  () => hint`Leave 'as=packs' out of the store's address: then parts are files, and each is brought once.`,
);

export const nameTakenThere = problem(
  'NAME_TAKEN',
  (name: string, label: string) => `${label} has another backup called ${name}, which is not overwritten.`,
  (name) =>
    hint`${overwinter('list', '--store', 'ADDRESS')} shows it, with the address of that place. ${overwinter('backup')} makes a newer one, and that is brought there instead of ${name}.`,
);
