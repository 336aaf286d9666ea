import { join } from 'node:path';
import type { DatabaseState } from '../../../core/decide.ts';
import { OverwinterError } from '../../../core/errors.ts';
import type { Database, Standing } from '../../engine.ts';
import { bringInto, hasChanges } from '../bring/bring-rows.ts';
import { emptied } from '../clear.ts';
import { duckdbCodec } from '../codec.ts';
import { duckdbProblem } from '../duckdb-problem.ts';
import { countsIn, described, stateIn } from '../inspect.ts';
import { defined, keysOf, slicedBy } from '../keys.ts';
import { readFile } from '../read.ts';
import { withFolder } from './folder.ts';
import { type Host, inOneMoment } from './host.ts';
import { copyLocally } from './local-copy.ts';
import { putInPlace } from './put-in-place.ts';
import { stageHosted } from './stage-hosted.ts';
import { watchContent } from './watch-content.ts';

/** A database that is no file: it is copied to be read, and restored in place. */
export function hostedDatabase(host: Host): Database {
  const { label, id, catalog } = host;
  const looking = <T>(look: Parameters<typeof inOneMoment<T>>[1]): Promise<T> =>
    inOneMoment(host, look).catch((error: unknown) => {
      throw duckdbProblem(label, error);
    });
  const state = (ignore: readonly string[]): Promise<DatabaseState> =>
    looking((db) => stateIn(db, ignore)).catch((error: unknown) => {
      if (error instanceof OverwinterError && error.code === 'DATABASE_MISSING') return { kind: 'missing' };
      throw error;
    });
  const standing = async (ignore: readonly string[]): Promise<Standing> => {
    const { kind } = await state(ignore);
    if (kind === 'rows') return 'data';
    return kind === 'no-rows' ? 'empty-tables' : 'nothing';
  };
  /** Changes a copy, which then takes the place of what was copied, after `first`. */
  const inCopy = async <T>(folder: string, change: (file: string) => Promise<T>) => {
    const file = join(folder, 'copy.duckdb');
    const mark = await copyLocally(host, file);
    return { changed: await change(file), putBack: () => putInPlace(host, file, mark) };
  };
  return {
    codec: duckdbCodec,
    label,
    id,
    isElsewhere: true,
    caution: `no lock keeps the app out of ${label}: it must not write during a restore, a clear or an undo; DuckDB refuses what it writes then, and whether MotherDuck does, nobody has tried`,
    // To be told costs a look at every row.
    fingerprint: async () => undefined,
    state,
    standing,
    describe: () => looking(described),
    counts: () => looking(countsIn),
    async read(scratch, select) {
      const file = join(scratch, 'hosted.duckdb');
      await copyLocally(host, file);
      return readFile({ path: file, label, wait: 0 }, catalog, scratch, select);
    },
    stage: (how, scratch) => stageHosted(host, standing, how, scratch),
    // What is under way is a transaction, which ends with whoever began it.
    tidy: async () => {},
    isTidy: () => true,
    clear: (names, first) =>
      withFolder(async (folder) => {
        const { changed, putBack } = await inCopy(folder, (file) =>
          emptied({ file, catalog, label, scratch: folder }, names),
        );
        await first();
        await putBack();
        return changed;
      }),
    bringRows: (content, slices, wanted, bringing) =>
      withFolder(async (folder) => {
        const { changed, putBack } = await inCopy(folder, (file) =>
          bringInto({ file, catalog, label }, content, slices, wanted, bringing),
        );
        if (bringing.first !== undefined && hasChanges(changed)) {
          await bringing.first();
          await putBack();
        }
        return changed;
      }),
    watch: () => watchContent(host),
    keysOf,
    defined,
    slicedBy,
    close: () => host.close(),
  };
}
