import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../../core/errors.ts';
import { faultsOfIndexes } from './check.ts';
import { type Insert, inserter } from './insert.ts';
import type { Answer, Message, Setup } from './insert-messages.ts';
import { makeWithOldStrings } from './old-strings.ts';
import { openForBuilding, openForReading } from './open.ts';
import { registerRowFunctions } from './rows.ts';

/** What `insert-thread.ts` starts: makes a database of its own with the tables it is given, and inserts slices as they come. */
const { file, settings, tables }: Setup = workerData;
const db = openForBuilding(file, { busyTimeout: 0 });
// It only ever adds to the end of a table: a large cache would hold what is never looked at again.
db.pragma('cache_size = -8192');
db.pragma(`encoding = '${settings.encoding}'`);
db.pragma(`page_size = ${settings.page_size}`);
registerRowFunctions(db, settings.encoding);
db.exec('BEGIN');
for (const table of tables) makeWithOldStrings(db, table);

const inserters = new Map<string, Insert>();

function insert({ table, fields, lines, values }: Extract<Message, { kind: 'insert' }>): number {
  const known = inserters.get(table) ?? inserter(db, table, fields);
  inserters.set(table, known);
  return known(lines, values);
}

/**
 * Every row's place in every index is looked up: in what the system has in memory anyway that takes a third less. What is mapped counts
 * as this process's own, so there is a bound.
 */
const BYTES_MAPPED = 64 * 1024 * 1024;

function check(file: string): string[] {
  const made = openForReading(file, { busyTimeout: 0 });
  // Nobody else knows of the file yet, so nobody cuts it short under the map.
  if (statSync(file).size <= BYTES_MAPPED) made.pragma(`mmap_size = ${BYTES_MAPPED}`);
  const faults = faultsOfIndexes(made);
  made.close();
  return faults;
}

function answerTo(message: Message): Answer {
  try {
    if (message.kind === 'insert') return { rows: insert(message), faults: [] };
    if (message.kind === 'check') return { rows: 0, faults: check(message.file) };
    db.exec('COMMIT');
    db.close();
    return { rows: 0, faults: [] };
  } catch (error) {
    // An error's code is lost on the way between threads.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { error: { message: reasonOf(error), code } };
  }
}

parentPort?.on('message', (message: Message) => parentPort?.postMessage(answerTo(message)));
