import { type BigIntStats, fstatSync, lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { absentOr } from '../core/read-problem.ts';

/*
 * A file that is not there is an answer. Every other failure is none: what cannot be looked at may be there, and whoever took it for
 * missing would write a new one over it, or take an older one. So all of these throw NOT_READABLE then.
 */

function orAbsent<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    return absentOr(path, error);
  }
}

export const statIfThere = (path: string): Stats | undefined =>
  orAbsent(path, () => statSync(path, { throwIfNoEntry: false }));

/** The same of a link itself. Neither throws where nothing is: to throw takes longer than to look. */
export const lstatIfThere = (path: string): Stats | undefined =>
  orAbsent(path, () => lstatSync(path, { throwIfNoEntry: false }));

/** Again the same, with the whole of its times. */
export const exactlyIfThere = (path: string): BigIntStats | undefined =>
  orAbsent(path, () => lstatSync(path, { bigint: true, throwIfNoEntry: false }));

/** Which file it is, whatever stands in it and through links: another one in its place has another name here. */
export function whichFile(path: string): string {
  const found = orAbsent(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return found === undefined ? 'missing' : nameOf(found);
}

/** The same of one that is open. */
export const whichOpen = (file: number): string => nameOf(fstatSync(file, { bigint: true }));

const nameOf = ({ dev, ino }: BigIntStats) => `${dev}:${ino}`;

/**
 * The same with when it was made, since the number of a file that is gone is soon another's. Where nobody keeps that time, it may be another name
 * after every change, too.
 */
export function whichFileAndWhen(path: string): string {
  const found = orAbsent(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return found === undefined ? 'missing' : `${found.dev}:${found.ino}:${found.birthtimeNs}`;
}

/** Whether something is there; a link that leads nowhere is not. */
export const isThere = (path: string): boolean => statIfThere(path) !== undefined;

/**
 * The text of a plain file, through links; undefined for what is none. An archive may hold pipes, whose opening waits for ever, and
 * devices, which never end.
 */
export const readIfThere = (path: string): string | undefined =>
  orAbsent(path, () => (statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined));

/** The names in a folder; none where it is not there. */
export const namesIn = (folder: string): string[] => orAbsent(folder, () => readdirSync(folder)) ?? [];
