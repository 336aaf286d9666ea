import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { nameOfManifest } from '../../src/core/names.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { prune } from '../../src/operations/prune.ts';
import { writeOnceStore } from '../../src/stores/objects/write-once-store.ts';
import type { Remote } from '../../src/stores/store.ts';
import { chance, tries } from '../support/chance.ts';
import { type Line, line } from '../support/line-of-backups.ts';
import { projectIn, scratch } from '../support/scratch.ts';
import { type Actor, type ShakenPlace, shakenPlace } from '../support/shaken-objects.ts';

const HOUR = 3_600_000;
const RETENTION = { last: 2, daily: 0, weekly: 0, monthly: 0 };

/** No manifest stands without its parts. */
const mustStand =
  ({ parts }: Line) =>
  (files: ShakenPlace['files']) => {
    for (const path of files.keys()) {
      const file = path.slice(path.indexOf('/') + 1);
      const gone = parts.get(file)?.find((part) => !files.has(`production/${part}`));
      if (gone !== undefined) throw new Error(`${file} stands without ${gone}`);
    }
  };

function remoteOf(actor: Actor): Remote {
  const place = { label: 'the bucket', id: 'bucket', environment: 'production', database: '' };
  const lists = new Map<string, ReadonlySet<string>>();
  const open = () => writeOnceStore(actor.objects, { ...place, lists, sleep: actor.sleep });
  return { address: 'bucket', label: place.label, id: place.id, open };
}

test('two writers and one that thins out, interrupted anywhere: no backup stands without its parts, and none is lost', async () => {
  const known = await line();
  const rounds = tries(30, 300);
  const first = chance();
  const seen = { copied: 0, removed: 0, died: 0, partsRemoved: 0 };
  for (let round = 0; round < rounds; round++) {
    const random = chance(first.seed + round);
    const broken: unknown[] = [];
    const stands = mustStand(known);
    const place = shakenPlace(random, random.below(2) === 0, (files) => {
      for (const path of files.keys()) {
        const name = nameOfManifest(path.replace('production/', ''));
        if (name !== undefined) published.add(name);
      }
      try {
        stands(files);
      } catch (error) {
        broken.push(error);
      }
    });
    const told = () => `seed ${random.seed}:\n${place.story.join('\n')}`;
    const published = new Set<string>();
    let made = 1;
    const around = () => ({
      local: join(scratch(), '.overwinter'),
      environment: 'production',
      now: () => new Date(place.now),
    });
    const write = (name: string, count: number) => {
      const actor = place.actor(name);
      const project = { ...projectIn('/nowhere', { ...around(), store: known.after(count) }), retention: RETENTION };
      return actor.run(async () => {
        const done = await bringNewest(project, remoteOf(actor));
        if (!published.has(done?.name ?? '')) throw new Error(`${done?.name} is not there`);
        seen.copied++;
        place.story.push(`${name} has brought ${done?.name}`);
      });
    };
    const thin = () => {
      const actor = place.actor('pruner');
      return actor.run(async () => {
        const opened = remoteOf(actor).open();
        if (!('batch' in opened)) throw new Error('it can be read');
        const result = await prune(projectOn(around(), opened), RETENTION, false);
        seen.removed += result.removed.length;
        seen.partsRemoved += result.partsRemoved;
        place.story.push(`pruner: ${JSON.stringify(result)}`);
      });
    };
    for (let phase = 0; phase < 7 && broken.length === 0; phase++) {
      made = Math.min(known.names.length, made + random.below(3));
      const works = [write('first', made), write('second', Math.max(1, made - random.below(2))), thin()];
      await place.together(works);
      for (const ended of await Promise.all(works)) {
        if (ended === undefined) seen.died++;
        else if ('failed' in ended && !isPassing(ended.failed))
          throw new Error(`${told()}\n${ended.failed instanceof Error ? ended.failed.stack : ended.failed}`);
      }
      place.pass(random.pick([1, 0.3, 2, 25, 25]) * HOUR);
    }
    place.pass(HOUR);
    if (broken.length > 0) throw new Error(`${told()}\n${broken[0]}`);
    // Of all that was ever published the newest stand, whatever was thinned out.
    const standing = new Set(
      [...place.files.keys()].flatMap((path) => nameOfManifest(path.replace('production/', '')) ?? []),
    );
    const newest = [...published].sort().slice(-RETENTION.last);
    if (!newest.every((name) => standing.has(name))) throw new Error(`${told()}\nlost one of ${newest}`);
  }
  expect(seen.copied).toBeGreaterThan(rounds);
  expect(seen.removed).toBeGreaterThan(rounds / 4);
  expect(seen.partsRemoved).toBeGreaterThan(rounds / 20);
  expect(seen.died).toBeGreaterThan(rounds / 4);
});

const projectOn = (around: object, store: ReturnType<typeof writeOnceStore>) => ({
  ...projectIn('/nowhere', around),
  store,
});

/** Somebody else is at work there: the next time is soon enough. */
const isPassing = (error: unknown) => error instanceof OverwinterError && error.code === 'BUSY';
