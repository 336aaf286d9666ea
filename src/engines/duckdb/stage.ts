import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Staged } from '../engine.ts';
import { build, type Place } from './build.ts';
import { checkpoint } from './checkpoint.ts';
import { complete } from './complete.ts';
import { copyAside } from './copy-aside.ts';
import { fill } from './fill.ts';
import { counts, type Original, standing } from './inspect.ts';
import { catalogOf } from './open.ts';
import { lookAt, readFile } from './read.ts';
import { type Aside, beginAside, type Copied, putInPlace } from './swap.ts';

/** Builds a database in a file beside the one it is for, which a rename then puts in its place. */
export async function stage(original: Original, how: 'replace' | 'fill', scratch: string | undefined): Promise<Staged> {
  const { path } = original;
  const aside = scratch === undefined ? beginAside(path) : beginAside(join(scratch, 'staged'));
  if (how === 'replace') return staged(original, aside, how, scratch);
  const copied = await copyInto(aside, original, original);
  return staged(original, aside, 'fill', scratch, copied.madeOf);
}

/** A copy that was made earlier, to take the place of the database. */
export async function stageCopy(original: Original, from: string): Promise<Staged> {
  const aside = beginAside(original.path);
  await copyInto(aside, { ...original, path: from }, original);
  return staged(original, aside, 'fill', undefined);
}

/** What is there, beside itself or in a `scratch` folder, for whoever changes it there. */
export async function copyHere(original: Original, scratch?: string): Promise<Copied> {
  return copyInto(beginAside(scratch === undefined ? original.path : join(scratch, 'copied')), original, original);
}

async function copyInto(aside: Aside, from: Original, { path, label }: Original): Promise<Copied> {
  try {
    const madeOf = await copyAside(from.path, from.label, aside.file, from.wait);
    await checkpoint(aside.file, path, label);
    return { ...aside, madeOf };
  } catch (error) {
    aside.discard();
    throw error;
  }
}

function staged(
  original: Original,
  aside: Aside,
  how: 'replace' | 'fill',
  scratch: string | undefined,
  madeOf?: string,
): Staged {
  const { path, label } = original;
  const catalog = catalogOf(path);
  const place: Place = { file: aside.file, catalog, label, scratch: aside.scratch };
  const itself: Original = { ...original, path: aside.file };
  return {
    load: (content, slices, onRows) => (how === 'fill' ? fill : build)(place, content, slices, onRows),
    async complete(leftOut) {
      const there = await standing(original, []);
      return there === 'data' || there === 'empty-tables' ? complete(place, path, leftOut) : [];
    },
    counts: () => counts(itself),
    read: (folder, select) => readFile(itself, catalog, folder, select),
    async commit(committing) {
      if (scratch !== undefined) throw new Error('it was only made to be looked at');
      if (committing.check !== undefined) await lookAt(itself, catalog, committing.check);
      if (committing.date !== undefined) utimesSync(aside.file, committing.date, committing.date);
      const setAside = await putInPlace(original, aside.file, committing, madeOf);
      aside.discard();
      return { setAside };
    },
    discard: async () => aside.discard(),
  };
}
