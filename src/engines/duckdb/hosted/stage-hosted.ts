import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { databaseLocked } from '../../../core/problems/database.ts';
import type { Staged, Standing } from '../../engine.ts';
import { build, type Place } from '../build.ts';
import { complete } from '../complete.ts';
import { fill } from '../fill.ts';
import { counts } from '../inspect.ts';
import { lookAt, readFile } from '../read.ts';
import { contentMark } from './content-mark.ts';
import { makeFolder, removeFolder } from './folder.ts';
import { type Host, inOneMoment } from './host.ts';
import { copyLocally } from './local-copy.ts';
import { putInPlace } from './put-in-place.ts';

/** Builds a database in a file of ours, which is then put in the place of the hosted one. */
export async function stageHosted(
  host: Host,
  standing: (ignore: readonly string[]) => Promise<Standing>,
  how: 'replace' | 'fill',
  scratch: string | undefined,
): Promise<Staged> {
  const { label, catalog } = host;
  const folder = scratch === undefined ? makeFolder() : join(scratch, 'staged');
  const discard = async () => removeFolder(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'staged.duckdb');
  const place: Place = { file, catalog, label, scratch: folder };
  const itself = { path: file, label, wait: 0 };
  /** Of what was copied, where rows come from there: what is put in place has none that were written since. */
  let madeOf: string | undefined;
  try {
    if (how === 'fill') madeOf = await copyLocally(host, file);
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    load: (content, slices, onRows) => (how === 'fill' ? fill : build)(place, content, slices, onRows),
    async complete(leftOut) {
      const there = await standing([]);
      if (there !== 'data' && there !== 'empty-tables') return [];
      const live = join(folder, 'live.duckdb');
      madeOf = await copyLocally(host, live);
      return complete(place, live, leftOut);
    },
    counts: () => counts(itself),
    read: (into, select) => readFile(itself, catalog, into, select),
    async commit({ expected, ignore, check, keep, replacing, replaced }) {
      if (scratch !== undefined) throw new Error('it was only made to be looked at');
      if (check !== undefined) await lookAt(itself, catalog, check);
      // First of all: what is written from here on is neither kept nor looked at.
      const mark = madeOf ?? (await inOneMoment(host, contentMark));
      const before = await standing(ignore);
      if (before === 'data' && (expected === 'nothing' || expected === 'empty-tables')) throw databaseLocked(label)();
      if (before !== 'nothing') await keep();
      replacing?.();
      await putInPlace(host, file, mark);
      replaced();
      await discard();
      return { setAside: undefined };
    },
    discard,
  };
}
