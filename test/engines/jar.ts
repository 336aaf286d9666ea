import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OverwinterError } from '../../src/core/errors.ts';
import { oneOf } from '../../src/core/fields.ts';
import { membersOf } from '../../src/core/json.ts';
import { rowCount, type Saved, type SchemaObject } from '../../src/core/manifest.ts';
import { entryOf, leftOutOf, missingColumns, type Selection } from '../../src/core/privacy/left-out.ts';
import { databaseCorrupt, databaseLocked, databaseMissing } from '../../src/core/problems/database.ts';
import { busy } from '../../src/core/problems/machine.ts';
import { columnGone, restoreInexact, tableGone } from '../../src/core/problems/restoring.ts';
import { conditionInvalid } from '../../src/core/problems/settings.ts';
import { tableUnknown } from '../../src/core/problems/usage.ts';
import { sliceByContent, targetSize } from '../../src/core/slices.ts';
import type { Target } from '../../src/core/target.ts';
import type { ContentCodec } from '../../src/engines/codec.ts';
import type {
  Committing,
  Database,
  Engine,
  Reading,
  ReadTable,
  Select,
  SliceSource,
  Staged,
} from '../../src/engines/engine.ts';

/**
 * A kind of database that nobody has: a jar of tables, as JSON on a shelf, which is a file that is none of ours to copy, or a server. It is
 * here to show that an engine needs no SQL, no file and no rowid, and nothing outside of its own folder but its name in the registry.
 */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export type Jar = ReadonlyMap<string, Table>;

export const jarCodec: ContentCodec = {
  databaseType: 'jar',
  name: 'Jar',
  kinds: ['table', 'lid'],
  fold: (name) => name,
  readSettings: (fields) => ({ glass: oneOf(fields, 'glass', ['clear', 'brown']) }),
  countedTables: (schema) =>
    schema.filter(({ type }) => type === 'table').map(({ name }) => ({ name, rows: (rowsOf) => rowsOf(name) ?? 0 })),
  isInternal: () => false,
  quotedIn: () => [],
  bookkeepingOf: () => undefined,
};

/** Where jars stand, by their names. */
export interface Shelf {
  /** What is in a jar; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** All of it, in one step. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** A jar on a shelf, and what is peculiar to the shelf. */
export interface JarOnShelf extends Pick<Database, 'label' | 'id' | 'fingerprint' | 'isTidy' | 'lock' | 'close'> {
  readonly shelf: Shelf;
  readonly name: string;
  /** Where a jar is filled out of sight. */
  readonly aside: (scratch: string | undefined) => { readonly shelf: Shelf; readonly name: string };
}

type DuckFile = Extract<Target, { readonly kind: 'duckdb' }>;

/** It takes the place of an engine that is not there yet. */
export const jar: Engine<DuckFile> = {
  codec: jarCodec,
  open: async ({ file }) => jarInFile(file),
};

const files: Shelf = {
  read: async (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  async write(path, text) {
    writeFileSync(`${path}-new`, text);
    renameSync(`${path}-new`, path);
  },
  remove: async (path) => rmSync(path, { force: true }),
};

export function jarInFile(file: string): Database {
  const path = resolve(file);
  const label = `the jar ${file}`;
  const beside = `${path}-fresh`;
  return jarDatabase({
    label,
    id: `jar:${path}`,
    shelf: files,
    name: path,
    aside: (scratch) => ({ shelf: files, name: scratch === undefined ? beside : join(scratch, 'jar') }),
    fingerprint: async () => digestOf(await files.read(path)),
    isTidy: () => !existsSync(beside),
    lock: (wait, work) => holdingLock(path, label, wait, work),
    close: async () => {},
  });
}

const digestOf = (text: string | undefined) =>
  text === undefined ? undefined : createHash('sha256').update(text).digest('hex');

/** A jar in a file lives in one process, so its lock does. */
const locked = new Set<string>();

async function holdingLock<T>(path: string, label: string, wait: number, work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + wait;
  while (locked.has(path)) {
    if (performance.now() >= giveUpAt) throw busy(label)();
    await sleep(5);
  }
  locked.add(path);
  try {
    return await work();
  } finally {
    locked.delete(path);
  }
}

export function jarDatabase(place: JarOnShelf): Database {
  const { shelf: _shelf, name: _name, aside, ...own } = place;
  const { label } = own;
  const now = () => there(place);
  const state: Database['state'] = async (ignore) => {
    const tables = await readJar(place);
    if (tables === undefined) return { kind: 'missing' };
    if (tables.size === 0) return { kind: 'no-tables' };
    const isFilled = [...tables].some(([table, { rows }]) => !ignore.includes(table) && rows.length > 0);
    return { kind: isFilled ? 'rows' : 'no-rows', tables: tables.size };
  };
  const standing: Database['standing'] = async (ignore) => {
    try {
      const { kind } = await state(ignore);
      if (kind === 'rows') return 'data';
      return kind === 'no-rows' ? 'empty-tables' : 'nothing';
    } catch (error) {
      if (error instanceof OverwinterError && error.code === 'DATABASE_CORRUPT') return 'unreadable';
      throw error;
    }
  };
  return {
    ...own,
    codec: jarCodec,
    state,
    standing,
    async describe() {
      const tables = await now();
      return { schema: schemaOf(tables), shapes: shapesOf(tables) };
    },
    counts: async () => countsOf(await now()),
    read: async (_scratch, select) => readingOf(await now(), select),
    async stage(how, scratch) {
      const at = { ...aside(scratch), label };
      await writeJar(at, how === 'fill' ? await now() : new Map());
      return stagedAt(at, how, { ...place, standing });
    },
    async tidy() {
      const at = aside(undefined);
      await at.shelf.remove(at.name);
    },
    async clear(names, first) {
      const tables = await now();
      const unknown = names.find((each) => !tables.has(each));
      if (unknown !== undefined) throw tableUnknown(unknown, [...tables.keys()])();
      await first();
      const emptied = [...tables].map(
        ([each, table]) => [each, names.includes(each) ? { ...table, rows: [] } : table] as const,
      );
      await writeJar(place, new Map(emptied));
      return new Map([...tables].map(([each, { rows }]) => [each, names.includes(each) ? rows.length : 0]));
    },
    watch() {
      let known: string | undefined;
      return {
        async changed() {
          const seen = await place.fingerprint().catch(() => known);
          const isChanged = seen !== known;
          known = seen;
          return isChanged;
        },
        close: async () => {},
      };
    },
    defined: async (schema) => ({
      shapes: shapesOf(
        new Map(
          schema
            .filter(({ type }) => type === 'table')
            .map((object) => [object.name, { columns: columnsIn(object), rows: [] }]),
        ),
      ),
      empty: new Map(),
    }),
    keysOf: async (schema) =>
      new Map(schema.filter(({ type }) => type === 'table').map((table) => [table.name, columnsIn(table).slice(0, 1)])),
  };
}

type Where = Pick<JarOnShelf, 'shelf' | 'name' | 'label'>;

/** Undefined where there is none. Throws DATABASE_CORRUPT. */
async function readJar({ shelf, name, label }: Where): Promise<Jar | undefined> {
  const text = await shelf.read(name);
  try {
    return text === undefined ? undefined : jarOf(text);
  } catch (error) {
    throw databaseCorrupt(label)(error);
  }
}

export function jarOf(text: string): Jar {
  const tables: Record<string, Table> = JSON.parse(text);
  return new Map(Object.entries(tables));
}

export const textOf = (tables: Jar): string => JSON.stringify(Object.fromEntries(tables));

async function there(where: Where): Promise<Jar> {
  const tables = await readJar(where);
  if (tables === undefined) throw databaseMissing(where.label, undefined)();
  return tables;
}

const writeJar = ({ shelf, name }: Where, tables: Jar) => shelf.write(name, textOf(tables));

const countsOf = (tables: Jar) => new Map([...tables].map(([name, { rows }]) => [name, rows.length]));

/** A definition is the columns' names; a lid is there so that not everything in a schema is a table. */
const schemaOf = (tables: Jar): SchemaObject[] => [
  ...[...tables].map(([name, { columns }]) => ({ type: 'table', name, table: name, sql: JSON.stringify(columns) })),
  ...[...tables.keys()].map((name) => ({ type: 'lid', name: `${name}_lid`, table: name, sql: 'screwed on' })),
];

function columnsIn({ name, sql }: SchemaObject): string[] {
  const columns: unknown = JSON.parse(sql);
  if (!Array.isArray(columns)) throw restoreInexact(`with table '${name}'`, 'its definition is none')();
  return columns.map(String);
}

const shapesOf = (tables: Jar) => ({
  tables: [...tables].map(([name, { columns }]) => ({
    name,
    kind: 'table' as const,
    columns: columns.map((column, at) => ({
      name: column,
      type: '',
      notNull: at === 0,
      hasDefault: false,
      isKey: at === 0,
      isGenerated: false,
    })),
    uniques: [],
    references: [],
    computedFrom: () => new Set<string>(),
  })),
  fold: jarCodec.fold,
  others: [],
  leakingTables: () => [],
});

function readingOf(all: Jar, select: Select | undefined): Reading {
  const selection: Selection = select?.(shapesOf(all)) ?? {};
  const [conditioned] = Object.entries(selection.included ?? {});
  if (conditioned !== undefined) throw conditionInvalid(...conditioned, 'a jar answers no questions')();
  const isGone = (name: string) => entryOf(selection.excluded, name) === 'whole';
  const kept: Jar = new Map([...all].filter(([name]) => !isGone(name)));
  return {
    codec: jarCodec,
    schema: schemaOf(kept),
    settings: { glass: 'brown' },
    tables: [...kept].map(([name, table]) => readTable(name, table, selection)),
    leftOut: leftOutOf(selection),
    dangling: [],
    absent: new Map([...all].filter(([name]) => isGone(name)).map(([name, { rows }]) => [name, rows.length])),
    close: async () => {},
  };
}

function readTable(name: string, { columns, rows }: Table, selection: Selection): ReadTable {
  const [key = ''] = columns;
  const missing = missingColumns(selection, name);
  const values = entryOf(selection.values, name) ?? {};
  const saved = columns.filter((column) => !missing.includes(column));
  const cell = (row: Table['rows'][number], column: string) => entryOf(values, column) ?? row[column] ?? null;
  const read =
    entryOf(selection.excluded, name) === 'rows' ? [] : [...rows].sort((a, b) => Number(a[key]) - Number(b[key]));
  const lines = read.map((row) =>
    Buffer.from(`${JSON.stringify(Object.fromEntries(saved.map((column) => [column, cell(row, column)])))}\n`),
  );
  const hasValue = (column: string) => read.some((row) => cell(row, column) !== null);
  return {
    name,
    own: true,
    rows: read.length,
    there: rows.length,
    slices: () => sliceByContent(lines, targetSize(read.length)),
    sparseColumns: async () => saved.filter((column) => !hasValue(column)),
    emptyAmong: async (among) => among.filter((column) => !hasValue(column)),
    missingValue: async () => undefined,
    samples: async (most) =>
      new Map(
        saved.map((column) => [
          column,
          read.slice(0, most).flatMap((row) => (cell(row, column) === null ? [] : [String(cell(row, column))])),
        ]),
      ),
  };
}

interface Place extends JarOnShelf {
  readonly standing: Database['standing'];
}

function stagedAt(at: Where, how: 'replace' | 'fill', place: Place): Staged {
  return {
    async load(content, slices, onRows) {
      const done = how === 'fill' ? await filled(await there(at), content, slices) : await built(content, slices);
      await writeJar(at, done.tables);
      onRows(done.rows);
      return { rows: done.rows, warnings: done.warnings };
    },
    async complete(leftOut) {
      const now = (await readJar(place)) ?? new Map<string, Table>();
      await writeJar(at, completed(await there(at), now, leftOut));
      return [];
    },
    counts: async () => countsOf(await there(at)),
    read: async (_scratch, select) => readingOf(await there(at), select),
    commit: async (committing) => ({ setAside: await putInPlace(at, place, committing) }),
    discard: () => at.shelf.remove(at.name),
  };
}

async function putInPlace(at: Where, place: Place, how: Committing): Promise<string | undefined> {
  const { shelf, name, label, standing } = place;
  const before = await standing(how.ignore);
  if (before === 'data' && (how.expected === 'nothing' || how.expected === 'empty-tables'))
    throw databaseLocked(label)();
  let setAside: string | undefined;
  if (before === 'unreadable') {
    setAside = join(how.asideFolder(), `jar-${how.stamp}`);
    writeFileSync(setAside, (await shelf.read(name)) ?? '');
  } else if (before !== 'nothing') await how.keep();
  await how.check?.look(readingOf(await there(at), undefined));
  const text = textOf(await there(at));
  how.replacing?.();
  await shelf.write(name, text);
  await at.shelf.remove(at.name);
  how.replaced();
  return setAside;
}

interface Loaded {
  readonly tables: Jar;
  readonly rows: number;
  readonly warnings: readonly string[];
}

async function rowsIn(name: string, slices: SliceSource, expected: number): Promise<Table['rows']> {
  const rows: Record<string, unknown>[] = [];
  for await (const slice of slices(name)) {
    if (!(slice instanceof Uint8Array))
      throw restoreInexact(`with table '${name}'`, 'a row is longer than a jar is high')();
    for (const line of Buffer.from(slice).toString('utf8').split('\n')) {
      if (line === '') continue;
      const members = [...membersOf(line)].map(([column, raw]): [string, unknown] => [column, JSON.parse(raw)]);
      rows.push(Object.fromEntries(members));
    }
  }
  if (rows.length !== expected)
    throw restoreInexact(`with table '${name}'`, `${rows.length} rows arrived of ${expected}`)();
  return rows;
}

async function built({ schema, data }: Saved, slices: SliceSource): Promise<Loaded> {
  const tables = new Map<string, Table>();
  for (const object of schema.filter(({ type }) => type === 'table')) {
    const rows = await rowsIn(object.name, slices, rowCount(data.get(object.name) ?? { rows: [] }));
    tables.set(object.name, { columns: columnsIn(object), rows });
  }
  const rows = [...tables.values()].reduce((sum, table) => sum + table.rows.length, 0);
  return { tables, rows, warnings: [] };
}

async function filled(now: Jar, { data }: Saved, slices: SliceSource): Promise<Loaded> {
  const tables = new Map(now);
  const warnings: string[] = [];
  let added = 0;
  for (const [name, saved] of data) {
    const table = now.get(name);
    if (rowCount(saved) === 0) continue;
    if (table === undefined) throw tableGone(name)();
    if (table.rows.length > 0) {
      warnings.push(`${name} had rows already and keeps them`);
      continue;
    }
    const rows = await rowsIn(name, slices, rowCount(saved));
    const gone = Object.keys(rows[0] ?? {}).find((column) => !table.columns.includes(column));
    if (gone !== undefined) throw columnGone(name, gone)();
    const none = Object.fromEntries(table.columns.map((column) => [column, null]));
    tables.set(name, { ...table, rows: rows.map((row) => ({ ...none, ...row })) });
    added += rows.length;
  }
  return { tables, rows: added, warnings };
}

/** What the backup omits comes from the rows that are there, by their key. */
function completed(restored: Jar, now: Jar, { redacted = {}, excluded = {} }: Selection): Jar {
  const complete = ([name, table]: readonly [string, Table]): [string, Table] => {
    const old = now.get(name);
    if (old === undefined) return [name, table];
    if (Object.hasOwn(excluded, name)) return [name, old];
    const [key = ''] = table.columns;
    const missing = entryOf(redacted, name) ?? [];
    const rows = table.rows.map((row) => {
      const same = old.rows.find((each) => each[key] === row[key]);
      return { ...row, ...Object.fromEntries(missing.map((column) => [column, same?.[column] ?? null])) };
    });
    return [name, { ...table, rows }];
  };
  return new Map([...restored].map(complete));
}
