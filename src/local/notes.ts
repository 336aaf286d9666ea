import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realPath } from '../engines/real-path.ts';
import { makeLocalFolder } from './place.ts';

/** What this machine knows about a file or folder `of`, as JSON under `.overwinter/`. */
const fileOf = (local: string, kind: string, of: string) =>
  join(local, `${kind}-${createHash('sha256').update(realPath(of)).digest('hex').slice(0, 16)}.json`);

/** Undefined where nothing is known, or what is known cannot be read: whoever asks must do without. */
export function readNote(local: string, kind: string, of: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(fileOf(local, kind, of), 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A disk that takes no notes makes nobody fail: without one, the light is not green. */
export function writeNote(local: string, kind: string, of: string, note: unknown): void {
  const file = fileOf(local, kind, of);
  try {
    makeLocalFolder(local);
    writeFileSync(`${file}-${process.pid}`, `${JSON.stringify(note)}\n`, { mode: 0o600 });
    renameSync(`${file}-${process.pid}`, file);
  } catch {
    removeQuietly(`${file}-${process.pid}`);
    // What is not true any more is worse than nothing.
    removeQuietly(file);
  }
}

export function removeNote(local: string, kind: string, of: string): void {
  removeQuietly(fileOf(local, kind, of));
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Then it could not be written either.
  }
}
