import { dirname, join } from 'node:path';
import { PIECE_BYTES } from '../core/file-line.ts';
import { flushAround, flushFile } from '../folders/flush.ts';
import { makeStagedFolder, makeStaging, newStaging, writeSmallStaged, writeStaged } from '../folders/staging.ts';
import type { ReadableStore } from '../stores/store.ts';
import { bytesOf, type SavedFile } from './read-files.ts';
import type { Unit } from './units.ts';
import { writeQueue } from './write-parts.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/** Where files are made before they are put in place. */
export interface Aside {
  /** The folder that they are made in, by the name of the folder it is in. */
  readonly staging: Map<string, string>;
  /** Folders of the configuration that were not there, with the first above each that was not. */
  readonly made: (readonly [folder: string, first: string])[];
}

interface ToWrite {
  readonly path: string;
  readonly saved: SavedFile;
}

/**
 * Makes files aside, on the disk once it returns. Other threads read and write the large ones while this one makes the small ones. What it throws
 * leaves what it made to the caller.
 */
export async function makeAside(units: readonly Unit[], store: ReadableStore, aside: Aside): Promise<void> {
  const files = units.flatMap((unit) => filesOf(unit, stagingFor(unit, aside)));
  let isOver = false;
  const unlessOver = async (works: readonly ToWrite[], write: (work: ToWrite) => Promise<void>) => {
    try {
      for (const each of works) if (!isOver) await write(each);
    } catch (error) {
      isOver = true;
      throw error;
    }
  };
  const queue = writeQueue();
  const isSmall = ({ saved: { line } }: ToWrite) => 'bytes' in line.content;
  const folders = new Set<string>();
  const makeFolder = (path: string) => {
    if (!folders.has(path)) makeStagedFolder(path);
    folders.add(path);
  };
  const large = unlessOver(
    files.filter((each) => !isSmall(each)),
    async ({ path, saved }) => {
      makeFolder(dirname(path));
      const held = Math.min(saved.line.bytes, PIECE_BYTES);
      await queue.add(held, () => writeStaged(path, bytesOf(store, saved), saved.line));
    },
  );
  let at = 0;
  const small = unlessOver(files.filter(isSmall), async ({ path, saved: { line } }) => {
    makeFolder(dirname(path));
    if ('bytes' in line.content) writeSmallStaged(path, line.content.bytes, line);
    if (++at % 64 === 0) await yieldToEventLoop();
  });
  const ends = [...(await Promise.allSettled([large, small])), ...(await Promise.allSettled([queue.done()]))];
  for (const each of ends) if (each.status === 'rejected') throw each.reason;
  await flushAll(
    files.map(({ path }) => path),
    [...new Set(units.map((unit) => stagingFor(unit, aside)))],
  );
}

/** The folder that a unit is made in. The first that needs it makes it. */
function stagingFor({ folder }: Unit, { staging, made }: Aside): string {
  let name = staging.get(folder.name);
  if (name === undefined) {
    name = newStaging();
    staging.set(folder.name, name);
    const first = makeStaging(folder, name);
    if (first !== undefined) made.push([folder.path, first]);
  }
  return join(folder.path, name);
}

const filesOf = ({ number, files }: Unit, staging: string): ToWrite[] =>
  files.map(({ saved, way }) => ({ saved, path: join(staging, String(number), ...way) }));

/** So many files are asked for one by one: to start a program takes as long. */
const FEW = 100;

async function flushAll(paths: readonly string[], folders: readonly string[]): Promise<void> {
  if (paths.length > FEW && (await flushAround(folders))) return;
  const queue = writeQueue();
  try {
    for (const path of paths) await queue.add(0, () => flushFile(path));
  } finally {
    await queue.done();
  }
}
