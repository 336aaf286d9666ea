import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { OverwinterError } from '../../core/errors.ts';
import { databaseLocked } from '../../core/problems/database.ts';
import { realPath } from '../../files/real-path.ts';
import type { Check, Committing, Staged, Standing } from '../engine.ts';
import { setAside, takeAfter } from '../placing.ts';
import { build } from './build.ts';
import { complete } from './complete.ts';
import { copy, swapExclusively } from './files.ts';
import { fill } from './fill.ts';
import { counts, inspect } from './inspect.ts';
import type { SqliteOptions } from './open.ts';
import { untilClosedElsewhere } from './open-elsewhere.ts';
import { read } from './read.ts';
import { asideOf, beginAside, discardDatabase, removeDatabase, SIDE_FILES, swapIn } from './swap.ts';

/** Builds a database in a file beside the one it is for, which a rename then puts in its place. */
export async function stage(
  path: string,
  how: 'replace' | 'fill',
  scratch: string | undefined,
  options: SqliteOptions,
): Promise<Staged> {
  // A link is followed: the file it names is replaced, beside its own side files.
  const target = realPath(path);
  const aside = scratch === undefined ? beginAside(target) : join(scratch, 'staged.db');
  if (how === 'replace') return staged(target, aside, how, options);
  return copied(target, target, aside, options);
}

/** A copy that was made earlier, to take the place of the database. */
export async function stageCopy(path: string, from: string, options: SqliteOptions): Promise<Staged> {
  const target = realPath(path);
  return copied(from, target, beginAside(target), options);
}

async function copied(from: string, target: string, aside: string, options: SqliteOptions): Promise<Staged> {
  try {
    await copy(from, aside, options);
  } catch (error) {
    removeDatabase(aside);
    throw error;
  }
  return staged(target, aside, 'fill', options);
}

function staged(target: string, aside: string, how: 'replace' | 'fill', options: SqliteOptions): Staged {
  return {
    load: (content, slices, onRows) => (how === 'fill' ? fill : build)(aside, content, slices, onRows, options),
    async complete(leftOut) {
      const there = standing(target, [], options);
      const live = there === 'data' || there === 'empty-tables' ? target : undefined;
      return complete(aside, leftOut, live, options);
    },
    counts: async () => counts(aside, options),
    read: (folder, select) => read(aside, folder, select, options),
    async commit(committing) {
      if (committing.check !== undefined) await lookAt(aside, committing.check, options);
      if (committing.date !== undefined) utimesSync(aside, committing.date, committing.date);
      const setAside = await commit(target, aside, committing, options);
      // Whoever looked at it in WAL mode left empty side files behind; it is done all the same.
      discardDatabase(aside);
      return { setAside };
    },
    discard: async () => discardDatabase(aside),
  };
}

async function lookAt(aside: string, { scratch, look }: Check, options: SqliteOptions): Promise<void> {
  const reading = await read(aside, scratch, undefined, options);
  try {
    await look(reading);
  } finally {
    await reading.close();
  }
}

/** What stands where a database is to go. Throws where it cannot be replaced at all: a folder, a locked database. */
export function standing(target: string, ignore: readonly string[], options: SqliteOptions): Standing {
  try {
    const { kind } = inspect(target, ignore, options);
    if (kind === 'missing' || kind === 'blank') return 'nothing';
    return kind === 'no-rows' ? 'empty-tables' : 'data';
  } catch (error) {
    const code = error instanceof OverwinterError ? error.code : undefined;
    if (code === 'DATABASE_CORRUPT' || code === 'DATABASE_NOT_SQLITE') return 'unreadable';
    throw error;
  }
}

async function commit(
  target: string,
  finished: string,
  { expected, ignore, patience, keep, replaced, asideFolder, stamp }: Committing,
  options: SqliteOptions,
): Promise<string | undefined> {
  const before = standing(target, ignore, options);
  if (before === 'data' && (expected === 'nothing' || expected === 'empty-tables')) throw databaseLocked(target)();
  takeAfter(finished, target);
  if (before === 'nothing' || before === 'unreadable') {
    await untilClosedElsewhere(target, patience);
    const kept = setAside(target, SIDE_FILES, asideFolder(), stamp);
    swapIn(finished, target, replaced);
    return kept;
  }
  const first = async () => {
    await keep();
    await untilClosedElsewhere(target, patience);
  };
  await swapExclusively(target, first, () => swapIn(finished, target, replaced), options);
  return undefined;
}

export const hasLeftovers = (path: string): boolean => existsSync(asideOf(realPath(path)));

export const removeLeftovers = (path: string): void => removeDatabase(asideOf(realPath(path)));
