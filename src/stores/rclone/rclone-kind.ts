import { randomUUID } from 'node:crypto';
import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withScratch } from '../../local/scratch.ts';
import type { StoreKind } from '../kind.ts';
import { packedStore } from '../objects/packed-store.ts';
import { writeOnceStore } from '../objects/write-once-store.ts';
import { labelOfRclone, RCLONE_EXAMPLE, readRcloneAddress } from './address.ts';
import { askRclone, type World } from './ask.ts';
import { remoteObjects } from './remote-objects.ts';
import { runRclone } from './run.ts';
import { tryRclone } from './try-out.ts';

const HOUR = 3_600_000;

/** Times there are those of whoever wrote, so that clocks which differ by hours must do no harm. */
const PATIENCE = { marked: 72 * HOUR, late: 6 * HOUR };

/** As many are asked for with one run of the program. */
const LIMITS = { atOnce: 1000, tears: true } as const;

const WORLD: World = {
  run: runRclone,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal && { signal }),
  random: Math.random,
  now: Date.now,
  patience: 90_000,
};

/** Whatever rclone reaches: Dropbox, Google Drive, WebDAV, SFTP and many more. */
export function rcloneKindIn(world: World): StoreKind {
  return {
    example: RCLONE_EXAMPLE,
    parse(rest) {
      const address = readRcloneAddress(rest);
      return ({ env, base, environment, local, backups, folder }) => {
        const label = labelOfRclone(address);
        const database = relative(backups, folder).replaceAll('\\', '/');
        const id = `${label}:${environment}:${database}`;
        const lists = new Map<string, ReadonlySet<string>>();
        const run = world.run(base, env, world.patience);
        const kept = {
          label,
          id,
          environment,
          database,
          lists,
          limits: LIMITS,
          patience: PATIENCE,
          sleep: world.sleep,
        };
        const open = (signal?: AbortSignal) => {
          const ask = askRclone(address, run, world, signal);
          const scratch = <T>(work: (folder: string) => Promise<T>) => withScratch(local, 'rclone', work);
          const objects = remoteObjects({ address, ask, scratch, now: world.now, writer: randomUUID() });
          return address.asPacks ? packedStore(objects, kept) : writeOnceStore(objects, kept);
        };
        const tryOut = (signal?: AbortSignal) => tryRclone({ label, run, store: open(signal), signal });
        return { label, id, open, tryOut, isBounded: true };
      };
    },
  };
}

export const rcloneKind = rcloneKindIn(WORLD);
