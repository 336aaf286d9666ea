import { heldHere } from '../../core/problems/duckdb.ts';
import { realPath } from '../../files/real-path.ts';
import type { Database } from '../engine.ts';
import { fileFingerprint } from '../file-state.ts';
import { duckdbCodec } from './codec.ts';
import { SIDE_FILES } from './copy-aside.ts';
import { type Connection, over } from './driver.ts';
import { duckdbProblem } from './duckdb-problem.ts';
import { countsIn, described, stateIn } from './inspect.ts';
import { defined, keysOf } from './keys.ts';
import { catalogOf, type Db } from './open.ts';
import { readingOf } from './read.ts';
import { stage } from './stage.ts';
import { watch } from './watch.ts';

/** What an app has open of a database in a file. */
export interface InstanceInHand {
  connect(): Promise<Connection>;
}

/**
 * The database that an app has open, read over connections of the app's own: nobody else may. It is one to save and not to replace, and
 * none that could be opened as a file.
 */
export function duckdbInHand(instance: InstanceInHand, path: string): Database {
  const real = realPath(path);
  const moment = () => beginMoment(instance, path, real);
  const looking = async <T>(look: (db: Db) => Promise<T>): Promise<T> => {
    const db = await moment();
    try {
      return await look(db);
    } catch (error) {
      throw duckdbProblem(path, error);
    } finally {
      db.close();
    }
  };
  const state: Database['state'] = (ignore) => looking((db) => stateIn(db, ignore));
  return {
    codec: duckdbCodec,
    label: path,
    id: real,
    fingerprint: async () => fileFingerprint(real, SIDE_FILES),
    state,
    standing: async (ignore) => ((await state(ignore)).kind === 'no-rows' ? 'empty-tables' : 'data'),
    describe: () => looking(described),
    counts: () => looking(countsIn),
    async read(scratch, select) {
      const db = await moment();
      const close = async () => db.close();
      try {
        return await readingOf(db, scratch, select, close);
      } catch (error) {
        await close();
        throw duckdbProblem(path, error);
      }
    },
    async stage(how, scratch) {
      if (how === 'fill' || scratch === undefined) throw heldHere(path)();
      return stage({ path: real, label: path, wait: 0 }, how, scratch);
    },
    // Only who could replace it leaves anything.
    tidy: async () => {},
    isTidy: () => true,
    clear: async () => {
      throw heldHere(path)();
    },
    watch: () => watch(real),
    keysOf,
    defined,
    close: async () => {},
  };
}

/** A transaction of its own, that sees what was committed before it and nothing that comes after, and holds nobody up. */
async function beginMoment(instance: InstanceInHand, label: string, path: string): Promise<Db> {
  try {
    const connection = await instance.connect();
    const session = over(connection);
    await session.run("SET SESSION TimeZone = 'UTC'; SET SESSION Calendar = 'gregorian'; BEGIN TRANSACTION READ ONLY");
    const [[catalog] = []] = await session.rows('SELECT current_database()');
    let isOpen = true;
    return {
      ...session,
      label,
      catalog: catalog ?? catalogOf(path),
      close() {
        if (!isOpen) return;
        isOpen = false;
        // The transaction ends with it.
        connection.closeSync();
      },
    };
  } catch (error) {
    throw duckdbProblem(label, error);
  }
}
