import type { Digest } from './digest.ts';
import { parse } from './json.ts';
import type { Metadata } from './manifest.ts';

/** The newest backup, for people and as a fast path. It may be stale or broken: nothing depends on it. */
export interface Pointer {
  readonly name: string;
  readonly digest: string;
  readonly backup_date: string;
  readonly rows: number;
}

export function pointerTo(name: string, digest: Digest, metadata: Metadata): Pointer {
  return { name, digest, backup_date: metadata.backup_date, rows: metadata.rows };
}

export function writePointer(pointer: Pointer): string {
  return `${JSON.stringify(pointer, null, 2)}\n`;
}

/** Undefined for whatever is not a pointer: a conflict, half a file, an older tool's document. */
export function readPointer(source: string): Pointer | undefined {
  try {
    const value = parse(source);
    if (typeof value !== 'object' || value === null) return undefined;
    const { name, digest, backup_date, rows }: Record<string, unknown> = { ...value };
    if (typeof name !== 'string' || typeof digest !== 'string') return undefined;
    if (typeof backup_date !== 'string' || typeof rows !== 'number') return undefined;
    return { name, digest, backup_date, rows };
  } catch {
    return undefined;
  }
}
