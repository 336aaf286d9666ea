import type { Part } from '../core/manifest.ts';
import type { Same } from '../core/slices.ts';
import type { Reading } from '../engines/engine.ts';
import { isSealed } from '../format/sealed.ts';
import { readReadingNotes, removeReadingNotes, writeReadingNotes } from '../local/reading-notes.ts';
import type { ReadableStore } from '../stores/store.ts';
import type { Opened } from './catalog.ts';
import { marksOf } from './newest-files.ts';
import type { Project } from './project.ts';

/** So often everything is read, whatever is known. */
const MOST_RUNS = 50;

/** The newest backup, as far as what it holds need not be read again. */
export interface Known {
  /** For the engine. */
  readonly notes: Uint8Array;
  readonly runs: number;
  /** The parts of a slice that is as it was; undefined where its table stood in the manifest itself, and so had none. */
  partsOf(table: string, same: Same): readonly Part[] | undefined;
}

/** Undefined where everything is to be read: nothing is known, it was not for a while, or the parts that there are were touched. */
export function knownOf(project: Project, newest: Opened | undefined): Known | undefined {
  const { local, store } = project;
  const noted = readReadingNotes(local, keyOf(project));
  if (noted === undefined || newest === undefined || isSealed(newest.manifest)) return undefined;
  if (noted.runs + 1 >= MOST_RUNS || noted.of !== markOf(store, newest)) return undefined;
  const { data } = newest.manifest;
  const slices = new Map<string, Part[][]>();
  return {
    notes: noted.notes,
    runs: noted.runs,
    partsOf(table, { index }) {
      const rows = data.get(table);
      if (rows === undefined || !('parts' in rows)) return undefined;
      const known = slices.get(table) ?? slicesOf(rows.parts);
      slices.set(table, known);
      return known[index];
    },
  };
}

/** A part that ends inside a line counts no rows, and its slice goes on in the next. */
function slicesOf(parts: readonly Part[]): Part[][] {
  const slices: Part[][] = [];
  let open: Part[] = [];
  for (const part of parts) {
    open.push(part);
    if (part.rows === 0) continue;
    slices.push(open);
    open = [];
  }
  return slices;
}

/**
 * Keeps what the next backup is to know of this one. Not of the first: many are made where there will be no second, and what is noted takes
 * time to find.
 */
export async function noteReading(reading: Reading, known: Known | undefined): Promise<NoteOf> {
  const notes = await reading.notes?.();
  return (project, written) => {
    try {
      const of = markOf(project.store, written);
      if (of === undefined || notes === undefined) forgetReading(project);
      else
        writeReadingNotes(project.local, keyOf(project), { of, runs: known === undefined ? 0 : known.runs + 1, notes });
    } catch {
      // The backup is there; the next one reads everything.
      forgetReading(project);
    }
  };
}

/** Has the next backup read everything. */
export const forgetReading = (project: Project) => removeReadingNotes(project.local, keyOf(project));

/** A database can have backups in several places, each with a newest of its own. */
const keyOf = ({ database, store }: Project) => `${database.id}\n${store.id}`;

/** Writes what was noted, once there is a backup that it is about. */
export type NoteOf = (project: Project, written: Pick<Opened, 'digest' | 'manifest'>) => void;

/** Tells a backup and its parts from any other, and from what they are once somebody wrote to one of them; undefined where that cannot be seen. */
function markOf(store: ReadableStore, written: Pick<Opened, 'digest' | 'manifest'>): string | undefined {
  const marks = marksOf(store, written);
  return marks && `${written.digest} ${marks}`;
}
