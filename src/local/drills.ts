import { readNote, writeNote } from './notes.ts';

/** How the restore drill of a backup went. */
export interface Drill {
  readonly date: string;
  readonly ok: boolean;
  readonly problem?: string;
  /** What its files looked like from outside then. */
  readonly files?: string;
}

const KIND = 'drills';
const KEPT = 50;

/** By the digest of the manifest, which names every part by its content. */
export function noteDrill(local: string, store: string, digest: string, drill: Drill): void {
  const others = Object.entries(drillsOf(local, store)).filter(([each]) => each !== digest);
  writeNote(local, KIND, store, Object.fromEntries([...others.slice(1 - KEPT), [digest, drill]]));
}

export function drillsOf(local: string, store: string): Readonly<Record<string, Drill>> {
  return Object.fromEntries(
    Object.entries(readNote(local, KIND, store) ?? {}).flatMap(([digest, value]) => {
      const drill = readDrill(value);
      return drill === undefined ? [] : [[digest, drill]];
    }),
  );
}

function readDrill(value: unknown): Drill | undefined {
  const { date, ok, problem, files }: Record<string, unknown> = Object(value);
  if (typeof date !== 'string' || typeof ok !== 'boolean') return undefined;
  return {
    date,
    ok,
    ...(typeof problem === 'string' ? { problem } : {}),
    ...(typeof files === 'string' ? { files } : {}),
  };
}
