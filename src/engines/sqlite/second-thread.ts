import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../../core/errors.ts';
import { inserter } from './insert.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { openForBuilding } from './open.ts';
import { type Field, registerRowFunctions } from './rows.ts';
import type { Message, Setup } from './second.ts';

/** The thread of `second.ts`: makes a database of its own with the tables it is given, and inserts slices as they come. */
const { file, settings, tables }: Setup = workerData;
const db = openForBuilding(file, { busyTimeout: 0 });
// It only ever adds to the end of a table: a large cache would hold what is never looked at again.
db.pragma('cache_size = -8192');
db.pragma(`encoding = '${settings.encoding}'`);
db.pragma(`page_size = ${settings.page_size}`);
registerRowFunctions(db, settings.encoding);
db.exec('BEGIN');
for (const table of tables) makeWithOldStrings(db, table);

const inserters = new Map<string, (slice: Uint8Array) => number>();

function insert(table: string, fields: readonly Field[], slice: Uint8Array): number {
  const known = inserters.get(table) ?? inserter(db, table, fields);
  inserters.set(table, known);
  return known(slice);
}

parentPort?.on('message', (message: Message) => {
  try {
    if (message.kind === 'insert') {
      parentPort?.postMessage({ rows: insert(message.table, message.fields, message.slice) });
      return;
    }
    db.exec('COMMIT');
    db.close();
    parentPort?.postMessage({ rows: 0 });
  } catch (error) {
    // An error's code is lost on the way between threads.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    parentPort?.postMessage({ error: { message: reasonOf(error), code } });
  }
});
