import { rmSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { reasonOf } from '../../core/errors.ts';
import { type Content, rowCount, type SchemaObject, type Settings } from '../../core/manifest.ts';
import type { SliceSource } from '../engine.ts';
import { checkIntegrity, danglingRows, faultsOf, mustBeWhole } from './check.ts';
import { insertTable } from './insert.ts';
import { cutRows, type LongValue } from './long-values.ts';
import type { Db } from './open.ts';
import type { Field } from './rows.ts';
import { isVirtualTable, quoted, type Table } from './schema.ts';
import { threadScript } from './thread-script.ts';

/**
 * A second pair of hands for large restores. Taking values out of JSON is most of the work and can be shared: a thread inserts the
 * later half of each table into a database of its own, which is then copied over, row by row but without JSON.
 */
export interface SecondHands {
  mayHelp(table: Table, rows: number): boolean;
  /** Inserts the first half here and the second half there, at the same time; returns how many rows that were. */
  insertTable(
    table: Table,
    fields: readonly Field[],
    slices: SliceSource,
    onRows: (rows: number) => void,
  ): Promise<number>;
  /** Copies over what the thread made. Until then the tables are not whole. */
  merge(): Promise<void>;
  /** What `checkIntegrity` does, once all is committed and open to others: shared, too. */
  check(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export const noSecondHands = (db: Db): SecondHands => ({
  mayHelp: () => false,
  insertTable: async () => 0,
  merge: async () => {},
  check: async () => checkIntegrity(db),
  stop: async () => {},
});

/** Starting a thread takes about as long as this many rows. */
const WORTH_A_THREAD = 50_000;
const WORTH_SHARING = 10_000;

export function secondHands(db: Db, target: string, content: Content): SecondHands {
  const total = [...content.data.values()].reduce((sum, table) => sum + rowCount(table), 0);
  const script = total < WORTH_A_THREAD ? undefined : threadScript('second-thread');
  if (script === undefined) return noSecondHands(db);
  const file = `${target}-second`;
  const shared = new Map<string, { table: Table; fields: readonly Field[] }>();
  let thread: Thread | undefined;
  const started = () => {
    if (thread === undefined) {
      removeSecond(file);
      writeFileSync(file, '', { mode: 0o600 });
      const tables = content.schema.filter((object) => object.type === 'table' && !isVirtualTable(object));
      thread = startThread(script, { file, settings: content.settings, tables });
    }
    return thread;
  };
  return {
    // An index of the table's own would be made twice: that costs more than the sharing brings.
    mayHelp: ({ name, rowid }, rows) =>
      rows >= WORTH_SHARING &&
      !name.startsWith('sqlite_') &&
      rowid !== undefined &&
      db.prepare('SELECT count(*) FROM pragma_index_list(?)').pluck().get(name) === 0,

    async insertTable(table, fields, slices, onRows) {
      const { insert } = started();
      const { name } = table;
      shared.set(name, { table, fields });
      let failed = false;
      const theirs = async () => {
        const answers: Promise<number>[] = [];
        for await (const slice of slices(name, { index: 1, of: 2 })) {
          if (failed) break;
          for await (const { lines, values } of cutRows(name, slice))
            answers.push((await insert(name, fields, lines, values)).rows);
        }
        return sum(await Promise.all(answers));
      };
      const ours = async () => {
        try {
          return await insertTable(db, name, fields, slices(name, { index: 0, of: 2 }), onRows);
        } catch (error) {
          failed = true;
          throw error;
        }
      };
      // Both are over before anything is thrown: nothing reads on behind anybody's back.
      const [here, there] = await Promise.allSettled([ours(), theirs()]);
      if (here.status === 'rejected') throw here.reason;
      if (there.status === 'rejected') throw there.reason;
      onRows(there.value);
      return here.value + there.value;
    },

    async merge() {
      if (thread === undefined || shared.size === 0) return;
      await thread.ask({ kind: 'finish' });
      // A database cannot be attached inside a transaction; this one is nobody's yet, so ending it commits to nothing.
      db.exec('COMMIT');
      db.prepare('ATTACH ? AS second').run(file);
      db.exec('BEGIN');
      for (const { table, fields } of shared.values()) db.exec(copyOver(db, table, fields));
      db.exec('COMMIT; DETACH second; BEGIN');
      shared.clear();
    },

    async check() {
      if (thread === undefined) return checkIntegrity(db);
      const asked = thread.ask({ kind: 'check', file: target });
      // Whoever awaits it later sees what went wrong.
      asked.catch(reasonOf);
      const here = [...mustBeWhole(db, faultsOf(db, 'quick_check')), ...danglingRows(db)];
      return [...new Set([...here, ...mustBeWhole(db, (await asked).faults)])];
    },

    async stop() {
      await thread?.stop();
      if (thread !== undefined) removeSecond(file);
    },
  };
}

/** SQLite copies rows without looking into them where it is asked for all of a row, and a row is no more than its columns. */
function copyOver(db: Db, { name, hiddenRowid }: Table, fields: readonly Field[]): string {
  const [target, source] = [`main.${quoted(name)}`, `second.${quoted(name)}`];
  const all = db.prepare(`SELECT * FROM ${source}`).columns().length;
  if (!hiddenRowid && fields.length === all) return `INSERT INTO ${target} SELECT * FROM ${source}`;
  const columns = fields.map(({ column }) => column).join(', ');
  return `INSERT INTO ${target}(${columns}) SELECT ${columns} FROM ${source} NOT INDEXED`;
}

function removeSecond(file: string): void {
  for (const suffix of ['-journal', '']) rmSync(file + suffix, { force: true });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

export interface Setup {
  readonly file: string;
  readonly settings: Settings;
  readonly tables: readonly SchemaObject[];
}

export type Message =
  | {
      readonly kind: 'insert';
      readonly table: string;
      readonly fields: readonly Field[];
      readonly lines: Uint8Array;
      readonly values: readonly LongValue[];
    }
  | { readonly kind: 'finish' }
  /** To compare the indexes of the database that was made with its tables. */
  | { readonly kind: 'check'; readonly file: string };

export interface Done {
  readonly rows: number;
  readonly faults: readonly string[];
}

export type Answer = Done | { readonly error: { readonly message: string; readonly code: string } };

interface Thread {
  /** Resolves once there is room for more; its `rows` once these lines are in. */
  insert(
    table: string,
    fields: readonly Field[],
    lines: Uint8Array,
    values: readonly LongValue[],
  ): Promise<{ rows: Promise<number> }>;
  ask(message: Message): Promise<Done>;
  stop(): Promise<void>;
}

const BYTES_ON_THEIR_WAY = 3 * 1024 * 1024;

/** What is all of a piece of memory, or all that is wanted of it, changes hands without being copied. */
function movable(message: Message): ArrayBuffer[] {
  if (message.kind !== 'insert') return [];
  const { buffer, byteLength } = message.lines;
  const whole = buffer.byteLength === byteLength ? [buffer] : [];
  return [...whole, ...message.values.map(({ bytes }) => bytes.buffer)].filter((each) => each instanceof ArrayBuffer);
}

function startThread(script: URL, setup: Setup): Thread {
  const worker = new Worker(script, { workerData: setup, execArgv: [] });
  const waiting: { resolve: (done: Done) => void; reject: (error: unknown) => void }[] = [];
  const running = new Set<Promise<number>>();
  let onTheirWay = 0;
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    for (const each of waiting.splice(0)) each.reject(error);
  };
  worker.on('error', fail);
  worker.on('message', (answer: Answer) => {
    if ('error' in answer) fail(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    else waiting.shift()?.resolve(answer);
  });
  const ask = (message: Message): Promise<Done> => {
    if (failure) return Promise.reject(failure.error);
    const answer = new Promise<Done>((resolve, reject) => waiting.push({ resolve, reject }));
    worker.postMessage(message, movable(message));
    return answer;
  };
  return {
    async insert(table, fields, lines, values) {
      const length = values.reduce((sum, { bytes }) => sum + bytes.length, lines.length);
      while (running.size > 0 && onTheirWay + length > BYTES_ON_THEIR_WAY) await Promise.race(running);
      onTheirWay += length;
      const rows = ask({ kind: 'insert', table, fields, lines, values })
        .then((done) => done.rows)
        .finally(() => {
          onTheirWay -= length;
          running.delete(rows);
        });
      running.add(rows);
      // Whoever awaits it sees the failure; until then it is not unhandled.
      rows.catch(() => {});
      return { rows };
    },
    ask,
    async stop() {
      fail(new Error('the second thread was stopped'));
      await worker.terminate();
    },
  };
}
