import type { Digest } from '../core/digest.ts';
import { parse } from '../core/json.ts';
import { rowsByTable } from './rows-by-table.ts';
import { type AnyManifest, isSealed } from './sealed.ts';

/** The newest backup, for people and as a fast path. It may be stale or broken: nothing depends on it. */
export interface Pointer {
  readonly name: string;
  readonly digest: string;
  readonly backup_date: string;
  readonly rows: number;
  /** Rows by table, so that whoever reviews a change sees which tables changed. Not where it would tell names of what is encrypted. */
  readonly tables?: Readonly<Record<string, number>>;
}

/** Readers take no larger one. */
export const LARGEST_POINTER = 64 * 1024;

export function pointerTo(name: string, digest: Digest, manifest: AnyManifest): Pointer {
  const { backup_date, rows } = manifest.metadata;
  const pointer = { name, digest, backup_date, rows };
  if (isSealed(manifest)) return pointer;
  const tables = [...rowsByTable(manifest)].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...pointer, tables: Object.fromEntries(tables) };
}

export function writePointer({ tables, ...pointer }: Pointer): string {
  const text = (value: Pointer) => `${JSON.stringify(value, null, 2)}\n`;
  if (tables === undefined) return text(pointer);
  const whole = text({ ...pointer, tables });
  return Buffer.byteLength(whole) > LARGEST_POINTER ? text(pointer) : whole;
}

/** Undefined for whatever is not a pointer: a conflict, half a file, an older tool's document. */
export function readPointer(source: string): Pointer | undefined {
  try {
    const value = parse(source);
    if (typeof value !== 'object' || value === null) return undefined;
    const { name, digest, backup_date, rows, tables }: Record<string, unknown> = { ...value };
    if (typeof name !== 'string' || typeof digest !== 'string') return undefined;
    if (typeof backup_date !== 'string' || typeof rows !== 'number') return undefined;
    const pointer = { name, digest, backup_date, rows };
    return isCounts(tables) ? { ...pointer, tables } : pointer;
  } catch {
    return undefined;
  }
}

const isCounts = (value: unknown): value is Record<string, number> =>
  typeof value === 'object' && value !== null && Object.values(value).every((rows) => typeof rows === 'number');
