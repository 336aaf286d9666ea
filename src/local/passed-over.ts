import { readNote, writeNote } from './notes.ts';

/** A backup after which another became the newest, of a database that never had what is in it. */
export interface PassedOver {
  readonly name: string;
  /** The backup from which both went on, where it is known. */
  readonly since?: string;
}

const KIND = 'passed-over';

/** Nobody looks through more. */
const MOST = 20;

/** Newest first. */
export function passedOverIn(local: string, store: string): PassedOver[] {
  const { backups } = readNote(local, KIND, store) ?? {};
  if (!Array.isArray(backups)) return [];
  return backups.flatMap((each: unknown): PassedOver[] => {
    const { name, since }: Record<string, unknown> = Object(each);
    if (typeof name !== 'string') return [];
    return [{ name, ...(typeof since === 'string' ? { since } : {}) }];
  });
}

export function notePassedOver(local: string, store: string, backup: PassedOver): void {
  const others = passedOverIn(local, store).filter(({ name }) => name !== backup.name);
  writeNote(local, KIND, store, { backups: [backup, ...others].slice(0, MOST) });
}

/** Somebody brought its rows back, or said that it is meant. Without a name, of all. */
export function forgetPassedOver(local: string, store: string, of?: string): void {
  const known = passedOverIn(local, store);
  const left = of === undefined ? [] : known.filter(({ name }) => name !== of);
  if (left.length < known.length) writeNote(local, KIND, store, { backups: left });
}
