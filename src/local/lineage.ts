import { statSync } from 'node:fs';
import type { Metadata } from '../core/manifest.ts';
import type { Database } from '../engines/engine.ts';
import { realPath } from '../engines/real-path.ts';
import { readNote, writeNote } from './notes.ts';

/** The backup that was last made of a database, or last restored into it. */
export interface Lineage {
  readonly name: string;
  readonly date: string;
  /** What that backup says, as its metadata names it. */
  readonly content: string;
  /** The database's files when they said exactly that; undefined where they never did. */
  readonly stamp?: string;
}

const KIND = 'lineage';

/** A write within the same tick of the clock as the last look would leave no trace. */
const TICK_MS = 20;

/**
 * What tells whether anybody wrote to a database's files since. It opens none of them: closing a file lets go of the locks that
 * SQLite holds on it in this process. Undefined where they were written only just now, or cannot be looked at.
 */
export function stampOf(database: Pick<Database, 'file'>, now: Date): string | undefined {
  if (database.file === undefined) return undefined;
  try {
    const file = realPath(database.file.path);
    const stats = [file, `${file}-wal`, `${file}-journal`].map((path) =>
      statSync(path, { bigint: true, throwIfNoEntry: false }),
    );
    const written = stats.map((stat) => (stat === undefined || stat.size === 0n ? 0 : Number(stat.mtimeMs)));
    if (stats[0] === undefined || written.some((time) => Math.abs(now.getTime() - time) < TICK_MS)) return undefined;
    return stats
      .map((stat) =>
        stat === undefined || stat.size === 0n ? '-' : `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`,
      )
      .join(' ');
  } catch {
    return undefined;
  }
}

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

export function lineageOf(local: string, db: string): Lineage | undefined {
  const { name, date, content, stamp } = readNote(local, KIND, db) ?? {};
  if (typeof name !== 'string' || typeof date !== 'string' || typeof content !== 'string') return undefined;
  return { name, date, content, ...(typeof stamp === 'string' ? { stamp } : {}) };
}
