import type { Metadata } from '../core/manifest.ts';
import { readNote, removeNote, writeNote } from './notes.ts';

/** The backup that was last made of a database, or last restored into it. */
export interface Lineage {
  readonly name: string;
  readonly date: string;
  /** What that backup says, as its metadata names it. */
  readonly content: string;
  /** The database's fingerprint when it said exactly that; undefined where it never did. */
  readonly stamp?: string;
}

const KIND = 'lineage';

export function lineageTo(
  name: string,
  { backup_date: date, content }: Pick<Metadata, 'backup_date' | 'content'>,
  stamp: string | undefined,
): Lineage {
  return { name, date, content, ...(stamp === undefined ? {} : { stamp }) };
}

export function noteLineage(local: string, db: string, lineage: Lineage): void {
  writeNote(local, KIND, db, lineage);
}

export const forgetLineage = (local: string, db: string): void => removeNote(local, KIND, db);

export function lineageOf(local: string, db: string): Lineage | undefined {
  const { name, date, content, stamp } = readNote(local, KIND, db) ?? {};
  if (typeof name !== 'string' || typeof date !== 'string' || typeof content !== 'string') return undefined;
  return { name, date, content, ...(typeof stamp === 'string' ? { stamp } : {}) };
}
