import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseNeeded } from '../core/problems/database.ts';
import { type Calling, type Helper, startHelper } from './helper.ts';
import { changesDatabase, type Order, type Outcome, replacesDatabase, type Work } from './jobs.ts';
import type { SettledPanel } from './options.ts';
import { type Progress, Stopped } from './protocol.ts';
import type { Uploads } from './uploads.ts';

/** Runs jobs, in a process of their own, so that pages need not wait for them and they can be ended. */
export interface JobRunner {
  run(order: Order, onProgress: (progress: Progress) => void): Work;
  close(): void;
}

/** Work that is told to stop does so within this time, or is stuck. */
const STOP_WITHIN_MS = 2000;
/** Cleaning up after many files takes longer. */
const CLEAN_UP_WITHIN_MS = 60_000;
/** One job often follows another; later the process gives its memory back. */
const IDLE_MS = 60_000;

export function createJobRunner(
  calling: Calling,
  { withDatabaseClosed }: Pick<SettledPanel, 'withDatabaseClosed'>,
  whereabouts: { readonly scratchFolder: () => Promise<string>; readonly isFile: () => Promise<boolean> },
  uploads: Uploads,
): JobRunner {
  const { start = startHelper } = calling;
  const { scratchFolder, isFile } = whereabouts;
  let spare: Helper | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;

  const take = () => {
    clearTimeout(idle);
    const helper = spare ?? start(calling);
    spare = undefined;
    return helper;
  };

  const putBack = (helper: Helper) => {
    if (isClosed) return helper.release();
    spare = helper;
    const forget = () => {
      if (spare === helper) spare = undefined;
    };
    void helper.ended.then(forget);
    idle = setTimeout(() => {
      helper.release();
      forget();
    }, IDLE_MS).unref();
  };

  return {
    run(order, onProgress) {
      const helper = take();
      const replaces = replacesDatabase(order);
      let patience: NodeJS.Timeout | undefined;
      let isStopped = false;
      let isKilled = false;

      const endWithin = (milliseconds: number) => {
        clearTimeout(patience);
        // Where a database is being replaced, it is waited for all the same.
        if (changesDatabase(order)) return;
        patience = setTimeout(() => {
          isKilled = true;
          helper.kill();
        }, milliseconds);
      };

      // What a backup wrote, it takes back.
      const onStopping = () => {
        if (order.name === 'backup') endWithin(CLEAN_UP_WITHIN_MS);
      };

      const perform = async () => {
        // It took its time until the app had let go of its database.
        if (isStopped) throw new Stopped();
        return helper.run(order, onProgress, onStopping).catch((error: unknown) => {
          throw isKilled ? new Stopped() : error;
        });
      };

      const carryOut = async () => {
        let isDone = false;
        try {
          const mustClose = replaces && (withDatabaseClosed !== undefined || (await isFile()));
          const outcome = await (mustClose ? whileClosed(withDatabaseClosed, perform) : perform());
          isDone = true;
          return outcome;
        } finally {
          clearTimeout(patience);
          if (isKilled) await tidy(await scratchFolder(), helper.pid);
          else putBack(helper);
          // A document waits between the look at what it would do and its import, and no longer.
          if (order.name === 'import' || (order.name === 'trial' && !isDone)) await uploads.drop(order.args.file);
        }
      };

      const stop = () => {
        isStopped = true;
        helper.stop();
        // What is stuck somewhere reports nothing.
        endWithin(STOP_WITHIN_MS);
      };

      return { outcome: carryOut(), stop };
    },
    close() {
      isClosed = true;
      clearTimeout(idle);
      spare?.kill();
      spare = undefined;
    },
  };
}

async function whileClosed(
  withDatabaseClosed: SettledPanel['withDatabaseClosed'],
  perform: () => Promise<Outcome>,
): Promise<Outcome> {
  let outcome: Promise<Outcome> | undefined;
  await withDatabaseClosed?.(async () => {
    outcome = perform();
    await outcome;
  });
  if (outcome === undefined) throw releaseNeeded()();
  return outcome;
}

/** What a helper that was ended in the middle left. */
async function tidy(folder: string, pid: number): Promise<void> {
  const left = (await readdir(folder)).filter((file) => new RegExp(`^(drill|live|trial)-${pid}-`).test(file));
  for (const file of left) await rm(join(folder, file), { recursive: true, force: true });
}
