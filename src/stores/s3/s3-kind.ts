import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreKind } from '../kind.ts';
import { writeOnceStore } from '../objects/write-once-store.ts';
import { labelOfBucket, readBucketAddress, S3_EXAMPLE } from './address.ts';
import { askOf, type World } from './ask.ts';
import { bucketObjects, type Knows } from './bucket.ts';
import { keysIn } from './keys.ts';
import { tryBucket } from './try-out.ts';

const WORLD: World = {
  fetch,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal && { signal }),
  random: Math.random,
  now: () => new Date(),
  patience: 30_000,
};

/** A bucket of Amazon's S3, or of anybody who speaks as it does. */
export function s3KindIn(world: World): StoreKind {
  return {
    example: S3_EXAMPLE,
    parse(rest) {
      const address = readBucketAddress(rest);
      return ({ env, environment, backups, folder }) => {
        const label = labelOfBucket(address);
        const database = relative(backups, folder).replaceAll('\\', '/');
        const id = `s3:${address.origin}${address.path}${address.prefix}:${environment}:${database}`;
        const lists = new Map<string, ReadonlySet<string>>();
        const knows: Knows = { conditions: true, removesMany: true };
        const ask = (signal?: AbortSignal) => askOf(address, () => keysIn(env, label), world, signal);
        const objectsFor = (signal?: AbortSignal) => bucketObjects(address, ask(signal), knows);
        const open = (signal?: AbortSignal) =>
          writeOnceStore(objectsFor(signal), { label, id, environment, database, lists, sleep: world.sleep });
        const tryOut = (signal?: AbortSignal) =>
          tryBucket({ address, store: open(signal), ask: ask(signal), fetch: world.fetch, signal });
        return { label, id, open, tryOut, isBounded: true };
      };
    },
  };
}

export const s3Kind = s3KindIn(WORLD);
