import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OverwinterError } from '../../src/core/errors.ts';
import { nameOfManifest } from '../../src/core/names.ts';
import { readAnyManifest } from '../../src/format/any-manifest.ts';
import { storedFiles } from '../../src/format/sealed.ts';
import { bringNewest } from '../../src/operations/bring.ts';
import { prune } from '../../src/operations/prune.ts';
import { type Run, runRclone } from '../../src/stores/rclone/run.ts';
import { type Chance, chance, isSlow, tries } from '../support/chance.ts';
import { line } from '../support/line-of-backups.ts';
import { atRclone, daysLater, hasRclone, localRemote, withoutRclone } from '../support/rclone.ts';
import { projectIn, scratch } from '../support/scratch.ts';

const RETENTION = { last: 2, daily: 0, weekly: 0, monthly: 0 };

type Env = Readonly<Record<string, string | undefined>>;

/** What changes something there, and not what reads. */
const isWrite = ([verb, from = '']: readonly string[]) =>
  verb === 'move' || verb === 'delete' || (verb === 'copy' && !from.startsWith('there:'));

/** Whoever works on a remote, and may be told to die with the program that it has started: after so many that write. */
function actor(diesAt: number, { below }: Chance) {
  let left = diesAt;
  let die = () => {};
  const death = new Promise<undefined>((resolve) => {
    die = () => resolve(undefined);
  });
  const dying = (args: readonly string[], env: Env): Promise<never> => {
    // It writes so slowly that it dies in the middle of a file.
    const child = spawn('rclone', [...args, '--bwlimit=1k'], { env: { ...env }, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), 400 + below(400));
    child.once('exit', () => {
      clearTimeout(timer);
      die();
    });
    return new Promise(() => {});
  };
  const run = (base: string, env: Env, patience: number): Run => {
    const real = runRclone(base, env, patience);
    return (args, signal) => (!isWrite(args) || left-- > 0 ? real(args, signal) : dying(args, env));
  };
  const attempt = <T>(work: Promise<T>) =>
    Promise.race([
      work.then(
        (is) => ({ is }),
        (failed: unknown) => ({ failed }),
      ),
      death,
    ]);
  return { run, attempt };
}

/** The backups that stand whole, with their parts; throws where one does not have all of them. */
function standing(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => {
    const name = nameOfManifest(file);
    if (name === undefined) return [];
    const { manifest } = readAnyManifest(file, readFileSync(join(folder, file), 'utf8'));
    for (const part of storedFiles(manifest))
      if (!existsSync(join(folder, part.file)) || statSync(join(folder, part.file)).size !== part.bytes)
        throw new Error(`${name} stands without ${part.file}`);
    return [name];
  });
}

test.skipIf(!hasRclone)(
  `a writer that dies in the middle of any of its writes leaves what stands there whole, and the next goes on${withoutRclone}`,
  async () => {
    const known = await line();
    const random = chance();
    const around = () => ({ local: join(scratch(), '.overwinter'), environment: 'production' });
    const place = localRemote();
    const folder = join(place.folder, 'production');
    const bring = (count: number, changes: Parameters<typeof atRclone>[2]) =>
      bringNewest(projectIn('/nowhere', { ...around(), store: known.after(count) }), atRclone(place, {}, changes));
    await bring(1, {});
    let died = 0;
    // The one with new parts, and the one without: first of its writes it dies in the first, then in the second, and so on.
    for (const count of [2, 3])
      for (let diesAt = 0; ; diesAt++) {
        const { run, attempt } = actor(diesAt, random);
        const ended = await attempt(bring(count, { run }));
        const stands = atSeed(random, () => standing(folder));
        expect(stands).toEqual(expect.arrayContaining([...known.names.slice(0, count - 1)]));
        if (ended !== undefined) {
          expect(ended).toMatchObject({ is: { name: known.names[count - 1] } });
          break;
        }
        died++;
      }
    expect(died).toBeGreaterThan(2);
  },
);

test.skipIf(!hasRclone || !isSlow)(
  `two writers and one that thins out a remote, killed anywhere: what stands there is whole, and nothing is lost${withoutRclone}`,
  async () => {
    const known = await line();
    const rounds = tries(30);
    const first = chance();
    const seen = { copied: 0, died: 0, removed: 0, parts: 0 };
    for (let round = 0; round < rounds; round++) {
      const random = chance(first.seed + round);
      const place = localRemote();
      const folder = join(place.folder, 'production');
      const published = new Set<string>();
      let made = 1;
      for (let phase = 0; phase < 5; phase++) {
        made = Math.min(known.names.length, made + random.below(3));
        const around = () => ({ local: join(scratch(), '.overwinter'), environment: 'production' });
        const write = async (count: number) => {
          const { run, attempt } = actor(random.below(3) === 0 ? random.below(6) : Number.POSITIVE_INFINITY, random);
          const project = {
            ...projectIn('/nowhere', { ...around(), store: known.after(count) }),
            retention: RETENTION,
          };
          const ended = await attempt(bringNewest(project, atRclone(place, {}, { run })));
          if (ended !== undefined && 'is' in ended) {
            published.add(ended.is?.name ?? '');
            seen.copied++;
          }
          return ended;
        };
        const thin = async () => {
          const { run, attempt } = actor(random.below(3) === 0 ? random.below(6) : Number.POSITIVE_INFINITY, random);
          const opened = atRclone(place, {}, { run }).open();
          if (!('batch' in opened)) throw new Error('it can be read');
          const ended = await attempt(prune({ ...projectIn('/nowhere', around()), store: opened }, RETENTION, false));
          if (ended !== undefined && 'is' in ended) {
            seen.removed += ended.is.removed.length;
            seen.parts += ended.is.partsRemoved;
          }
          return ended;
        };
        for (const ended of await Promise.all([write(made), write(Math.max(1, made - random.below(2))), thin()])) {
          if (ended === undefined) seen.died++;
          else if ('failed' in ended && !isPassing(ended.failed))
            throw new Error(
              `seed ${random.seed}: ${ended.failed instanceof Error ? ended.failed.stack : ended.failed}`,
            );
        }
        for (const name of atSeed(random, () => standing(folder))) published.add(name);
        if (random.below(2) === 0 && existsSync(place.folder)) daysLater(place.folder);
      }
      const there = atSeed(random, () => standing(folder));
      const newest = [...published].sort().slice(-RETENTION.last);
      expect(
        newest.filter((name) => !there.includes(name)),
        `seed ${random.seed}`,
      ).toEqual([]);
    }
    expect(seen.copied).toBeGreaterThan(0);
    if (rounds > 20) expect(Math.min(seen.died, seen.removed, seen.parts)).toBeGreaterThan(0);
  },
  600_000,
);

function atSeed<T>({ seed }: Chance, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}`);
  }
}

/** Somebody else was at work there, or took away what was to be moved: the next time is soon enough. */
const isPassing = (error: unknown) =>
  error instanceof OverwinterError && (error.code === 'BUSY' || error.code === 'STORE_FAILED');
