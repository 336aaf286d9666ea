import type { Digest } from './digest.ts';
import { nameInvalid } from './problems/usage.ts';

export const POINTER_FILE = 'latest_backup.json';

/** `conflict`: refused where it was brought to, because rows of the ones before would have been lost, and kept there aside. */
export type BackupKind = 'backup' | 'deployment' | 'conflict';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const PART = /^parts\/[A-Za-z0-9_%-]{1,80}-([0-9a-f]{40})-[0-9a-f]{8}\.jsonl$/;

/** An encrypted part says nothing in its name but what its bytes are. */
const SEALED = /^parts\/sealed\/([0-9a-f]{2})\/(\1[0-9a-f]{38})\.age$/;

/** A piece of a file is what the file is: its name says nothing of where that lies, so equal files are stored once. */
const PIECE = /^parts\/files\/([0-9a-f]{2})\/(\1[0-9a-f]{38})\.bin$/;

/**
 * `backup_20261120_231500_4f1c2a9b`: the time orders it, the manifest's digest keeps apart what two machines save within one
 * second, so that branches which both made backups merge.
 */
export function backupName(kind: BackupKind, date: Date, digest: Digest): string {
  const digits = date.toISOString().replace(/[-:]/g, '');
  return `${kind}_${digits.slice(0, 8)}_${digits.slice(9, 15)}_${digest.slice(7, 15)}`;
}

const NAMED_BY_TIME = /^(backup|deployment|conflict)_(\d{8}_\d{6})_[0-9a-f]{8}$/;

/** Whether `backupName` made it, and not a user. */
export function isNamedByTime(name: string): boolean {
  return NAMED_BY_TIME.test(name);
}

/** Undefined for a name that a user chose. */
export function kindOf(name: string): BackupKind | undefined {
  const kind = NAMED_BY_TIME.exec(name)?.[1];
  return kind === 'backup' || kind === 'deployment' || kind === 'conflict' ? kind : undefined;
}

/** The second that a name was made of, as text that sorts by time; undefined for a name that a user chose. */
export function secondInName(name: string): string | undefined {
  return NAMED_BY_TIME.exec(name)?.[2];
}

/** The same of a date. */
export const secondOf = (date: string): string => date.replace(/[-:]/g, '').replace('T', '_').slice(0, 15);

/** Whether a name says that its backup was made before `date`; of a name that a user chose nobody knows. */
export function isOlderByName(name: string, date: string): boolean {
  const second = secondInName(name);
  return second !== undefined && second < secondOf(date);
}

/** Whether a name made by `backupName` stands on another backup: two files were exchanged. */
export function isMisnamed(name: string, date: string, digest: Digest): boolean {
  const kind = kindOf(name);
  return kind !== undefined && name !== backupName(kind, new Date(date), digest);
}

/** A name a user gave, with or without `.json`. Throws NAME_INVALID for anything that is not a plain file name. */
export function userName(given: string): string {
  const name = given.replace(/\.json$/, '');
  if (!NAME.test(name) || name === 'latest_backup' || name === 'latest') throw nameInvalid(given)();
  return name;
}

export function manifestFile(name: string): string {
  return `${name}.json`;
}

/** The backup's name if this is a manifest's file name. */
export function nameOfManifest(file: string): string | undefined {
  if (!file.endsWith('.json') || file === POINTER_FILE) return undefined;
  const name = file.slice(0, -'.json'.length);
  return NAME.test(name) ? name : undefined;
}

/** All in one folder, which never goes: git takes one that a branch emptied for one that was renamed, and merging branches conflicts. */
export function partFile(table: string, id: string, slice: string): string {
  return `parts/${plainName(table)}-${id}-${slice}.jsonl`;
}

export function sealedFile(id: string): string {
  return `parts/sealed/${id.slice(0, 2)}/${id}.age`;
}

/** Where a piece of a file lies that was saved beside the rows. */
export function pieceFile(id: string): string {
  return `parts/files/${id.slice(0, 2)}/${id}.bin`;
}

export const isPieceFile = (file: string): boolean => PIECE.test(file);

export function isSealedFile(file: string): boolean {
  return SEALED.test(file);
}

export function isPartFile(file: string): boolean {
  return PART.test(file) || PIECE.test(file) || SEALED.test(file);
}

/** The git blob id that a part's name promises. */
export function idOfPart(file: string): string | undefined {
  return PART.exec(file)?.[1] ?? PIECE.exec(file)?.[2] ?? SEALED.exec(file)?.[2];
}

/** The mark that a part's name has of its slice; undefined of an encrypted one. */
export function markOfPart(file: string): string | undefined {
  return PART.test(file) ? file.slice(-'00000000.jsonl'.length, -'.jsonl'.length) : undefined;
}

/** A name that every file system can hold, whatever the table is called. Only for people: nothing reads it back. */
function plainName(table: string): string {
  const plain = table.replace(/[^A-Za-z0-9_-]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return plain === '' ? '%' : plain.slice(0, 80);
}
