import { readNote, writeNote } from './notes.ts';

const KIND = 'whole';

/** What the files of the backup with this digest looked like from outside when they were last read and found whole. */
export function wholeFiles(local: string, store: string, digest: string): string | undefined {
  const { digest: of, files } = readNote(local, KIND, store) ?? {};
  return of === digest && typeof files === 'string' ? files : undefined;
}

export function noteWhole(local: string, store: string, digest: string, files: string): void {
  writeNote(local, KIND, store, { digest, files });
}
