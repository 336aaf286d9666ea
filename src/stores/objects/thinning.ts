import { randomUUID } from 'node:crypto';
import { isPartFile } from '../../core/names.ts';
import { busy } from '../../core/problems/machine.ts';
import type { Listed, Objects } from './objects.ts';

/*
 * Parts are shared between backups, and nobody can be kept from naming one while another removes it. So a part that no backup needs is only
 * marked, and goes a day later if still none needs it: no copy takes as long, so whoever had seen it unmarked has published by then. Whoever
 * needs a marked one claims it first, waits until nobody removes parts, and looks whether it is there. What removes parts says so before
 * it looks for claims: so either it sees the claim, or it is seen. Times are the place's own.
 */

const HOUR = 3_600_000;

export interface Patience {
  /** How long a part is marked before it goes, in milliseconds. */
  readonly marked: number;
  /** Longer than any request is on its way. Who says longer that it removes parts has died. */
  readonly late: number;
}

export const PATIENCE: Patience = { marked: 24 * HOUR, late: HOUR };

const MARK = /^unneeded_[0-9a-f-]{36}\.txt$/;
const CLAIM = /^needed_[0-9a-f-]{36}\.txt$/;
const REMOVING = /^thinning_[0-9a-f-]{36}\.txt$/;

const LOOKS = 20;
const PAUSE = 500;

/** A folder of a place, with all that shares its parts. */
export interface Shared {
  readonly objects: Objects;
  /** With its slash. */
  readonly folder: string;
  readonly label: string;
  /** What lists of parts say, which never changes. */
  readonly lists: Map<string, ReadonlySet<string>>;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly patience: Patience;
}

interface Note {
  readonly path: string;
  readonly written: number;
  /** Undefined for one that was removed since: nobody knows what it named. */
  readonly parts: ReadonlySet<string> | undefined;
}

const pathsLike = ({ folder }: Shared, { objects }: Listed, kind: RegExp) =>
  [...objects].filter(([path]) => kind.test(path.slice(folder.length)));

/** The lists of one kind. */
async function notes(at: Shared, listed: Listed, kind: RegExp): Promise<Note[]> {
  const found = pathsLike(at, listed, kind).map(async ([path, { written }]): Promise<Note> => {
    const parts = at.lists.get(path) ?? partsIn(await at.objects.read(path));
    if (parts !== undefined) at.lists.set(path, parts);
    return { path, written, parts };
  });
  return Promise.all(found);
}

/** Who is to be careful takes one that is gone to have named any part; who removes, to have named none. */
const mayName = (part: string) => (note: Note) => note.parts === undefined || note.parts.has(part);

const partsIn = (bytes: Buffer | undefined) => bytes && new Set(bytes.toString('utf8').split('\n').filter(isPartFile));

const note = async ({ objects, folder }: Shared, kind: 'unneeded' | 'needed' | 'thinning', parts: Iterable<string>) => {
  const path = `${folder}${kind}_${randomUUID()}.txt`;
  await objects.create(path, Buffer.from(`${[...parts].join('\n')}\n`));
  return path;
};

/**
 * Before a backup is published that needs these parts, which are there: whoever returns from this may count on them. `seen` is what lay in the
 * folder before anybody looked which of them are there. Throws BUSY.
 */
export async function claimParts(at: Shared, seen: Listed, parts: readonly string[]): Promise<void> {
  const marks = await notes(at, seen, MARK);
  const doubtful = parts.filter((part) => marks.some(mayName(part)));
  if (doubtful.length === 0) return;
  await note(at, 'needed', doubtful);
  await untilNobodyRemoves(at);
  const { objects } = await at.objects.list(`${at.folder}parts/`, 'all');
  if (!doubtful.every((part) => objects.has(`${at.folder}${part}`))) throw busy(at.label)();
}

async function untilNobodyRemoves(at: Shared): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const listed = await at.objects.list(at.folder, 'here');
    if (!pathsLike(at, listed, REMOVING).some(([, { written }]) => listed.now - written < at.patience.late)) return;
    await at.sleep(PAUSE);
  }
  throw busy(at.label)();
}

/**
 * Removes those of these parts that nobody needs since a day, and marks the others. `seen` is what lay in the folder before anybody
 * looked what is needed. Returns those that stay for now.
 */
export async function removeParts(at: Shared, seen: Listed, parts: readonly string[]): Promise<readonly string[]> {
  const marks = await notes(at, seen, MARK);
  const isRipe = ({ written }: Note) => seen.now - written >= at.patience.marked;
  const ripe = marks.filter(isRipe);
  const gone = ripe.length === 0 ? [] : await removeRipe(at, seen, ripe, parts);
  const rest = parts.filter((part) => !gone.includes(part));
  const isMarking = rest.length > 0 && marks.every(isRipe);
  if (isMarking) await note(at, 'unneeded', rest);
  return rest;
}

async function removeRipe(at: Shared, seen: Listed, ripe: readonly Note[], parts: readonly string[]) {
  const own = await note(at, 'thinning', []);
  const listed = await at.objects.list(at.folder, 'here');
  const { objects } = await at.objects.list(`${at.folder}parts/`, 'all');
  const isNew = [...listed.objects].some(
    ([path, { written }]) => path.endsWith('.json') && seen.objects.get(path)?.written !== written,
  );
  const claims = await notes(at, listed, CLAIM);
  const isOld = (part: string) => {
    const written = objects.get(`${at.folder}${part}`)?.written;
    return written !== undefined && ripe.some((mark) => mark.parts?.has(part) === true && written < mark.written);
  };
  // Where what was written this moment is not of this moment, no time there says anything.
  const isTimed = Math.abs(listed.now - (listed.objects.get(own)?.written ?? 0)) < at.patience.late;
  // What was published since may need any of them.
  const going = isNew || !isTimed ? [] : parts.filter((part) => isOld(part) && !claims.some(mayName(part)));
  const isDone = going.length === 0 || (await at.objects.remove(going.map((part) => `${at.folder}${part}`)));
  // While a request may be late, it still says that parts are being removed, and which.
  if (isDone) {
    const stale = pathsLike(at, listed, /^(needed|thinning)_/).filter(
      ([, { written }]) => listed.now - written >= at.patience.marked,
    );
    const done = isNew || !isTimed ? [] : ripe.map(({ path }) => path);
    await at.objects.remove([...done, ...stale.map(([path]) => path), own]);
  }
  return going;
}
