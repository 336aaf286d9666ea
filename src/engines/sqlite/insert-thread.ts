import { rmSync, writeFileSync } from 'node:fs';
import { reasonOf } from '../../core/errors.ts';
import type { Content, TableData } from '../../core/manifest.ts';
import type { SliceSource } from '../engine.ts';
import { checkIntegrity, danglingRows, faultsOf, mustBeWhole } from './check.ts';
import { insertTable } from './insert.ts';
import { startThread, type Thread } from './insert-messages.ts';
import { cutRows } from './long-values.ts';
import type { Db } from './open.ts';
import type { Field } from './rows.ts';
import { quoted, type Table } from './schema.ts';
import { settingsIn } from './settings.ts';
import { isVirtualDefinition } from './sql/virtual-tables.ts';
import { threadScript } from './thread-script.ts';

/**
 * A second thread for large restores. Taking values out of JSON is most of the work and can be shared: a thread inserts the
 * later half of each table into a database of its own, which is then copied over, row by row but without JSON.
 */
export interface InsertThread {
  mayHelp(table: Table): boolean;
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

export const noInsertThread = (db: Db): InsertThread => ({
  mayHelp: () => false,
  insertTable: async () => 0,
  merge: async () => {},
  check: async () => checkIntegrity(db),
  stop: async () => {},
});

/** Starting a thread takes about as long as this many rows, or as long ones of so many bytes. */
const WORTH_A_THREAD = 50_000;
const WORTH_SHARING = 10_000;
const BYTES_OF_A_ROW = 200;

/** Only a row that is longer itself makes a longer part. Each thread would hold one, and both would be held again to be copied over. */
const LONGEST_SHARED = 1024 * 1024;

/** What its rows take, as a number of usual ones. */
function weightOf(table: TableData | undefined): number {
  if (table === undefined || 'rows' in table) return table?.rows.length ?? 0;
  if (table.parts.some(({ bytes }) => bytes > LONGEST_SHARED)) return table.count;
  const bytes = table.parts.reduce((sum, part) => sum + part.bytes, 0);
  return Math.max(table.count, bytes / BYTES_OF_A_ROW);
}

export function insertThread(db: Db, target: string, content: Content): InsertThread {
  const total = [...content.data.values()].reduce((sum, table) => sum + weightOf(table), 0);
  const script = total < WORTH_A_THREAD ? undefined : threadScript('insert-worker');
  if (script === undefined) return noInsertThread(db);
  const file = `${target}-second`;
  const shared = new Map<string, { table: Table; fields: readonly Field[] }>();
  let thread: Thread | undefined;
  const started = () => {
    if (thread === undefined) {
      removeSecond(file);
      writeFileSync(file, '', { mode: 0o600 });
      const tables = content.schema.filter((object) => object.type === 'table' && !isVirtualDefinition(object));
      thread = startThread(script, { file, settings: settingsIn(content.settings), tables });
    }
    return thread;
  };
  return {
    // An index of the table's own would be made twice: that costs more than the sharing brings.
    mayHelp: ({ name, rowid }) =>
      weightOf(content.data.get(name)) >= WORTH_SHARING &&
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
