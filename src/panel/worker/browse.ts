import { unlessHindered } from '../../core/damage.ts';
import { membersOf } from '../../core/json.ts';
import type { Manifest, SchemaObject } from '../../core/manifest.ts';
import { rowCount, type TableData } from '../../core/manifest.ts';
import { userName } from '../../core/names.ts';
import { backupNotFound, noBackup } from '../../core/problems/backups.ts';
import { type Authored, authorsOf } from '../../git/authors.ts';
import { type Entry, everyEntry, readCatalog } from '../../operations/catalog.ts';
import { type Grid, type GridWanted, gridOf, linesAt, noColumns } from '../../operations/grid.ts';
import { placeInRepository } from '../../operations/in-git.ts';
import { type RowEvent, rowLog } from '../../operations/log/row-log.ts';
import { mayBeNamed } from '../../operations/name-backup.ts';
import type { Project } from '../../operations/project.ts';
import { keyTeller, opened } from './opened.ts';

export interface TableAtATime {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** Rows it had in the backup before; undefined where it was not there. */
  readonly before: number | undefined;
  readonly changed: boolean;
  /** Its rows in the backups up to this one, oldest first; none where nobody can look into those. */
  readonly history: readonly number[];
}

/** What was in the database at the time of a backup. */
export interface AtATime {
  readonly entry: Entry;
  /** Whom it is encrypted to; nobody where it is plain. */
  readonly recipients: readonly string[];
  readonly mayBeNamed: boolean;
  readonly previous: string | undefined;
  readonly tables: readonly TableAtATime[];
  readonly schema: readonly Pick<SchemaObject, 'type' | 'name'>[];
  /** Every time there is, newest first. */
  readonly times: readonly { readonly name: string; readonly date: string }[];
}

/** So many backups a curve goes back. */
const HISTORY = 20;

/** Throws NO_BACKUP; without a name the newest is meant. */
export async function atATime(project: Project, given: string | undefined): Promise<AtATime> {
  const catalog = await readCatalog(project.store);
  const { entries } = catalog;
  const name = given === undefined ? entries[0]?.name : userName(given);
  if (name === undefined) throw noBackup(project.store.label)();
  const entry = everyEntry(catalog).find((each) => each.name === name);
  const { manifest, recipients } = await opened(project, name);
  if (entry === undefined) throw backupNotFound(name, project.store.label)();
  const at = entries.findIndex((each) => each.name === name);
  const older = at === -1 ? [] : entries.slice(at + 1, at + (recipients.length > 0 ? 2 : HISTORY));
  // One that is damaged is passed over here; the list says what is wrong with it.
  const past: Entry[] = [];
  const sizes: Map<string, Size>[] = [];
  for (const each of older) {
    const found = await sizesOnce(project, each);
    if (found === undefined) continue;
    past.push(each);
    sizes.push(found);
  }
  const [before] = sizes;
  const own = [...manifest.data].filter(([table]) => !project.database.codec.isInternal(table));
  return {
    entry,
    recipients,
    mayBeNamed: mayBeNamed(name),
    previous: past[0]?.name,
    schema: manifest.schema.map(({ type, name }) => ({ type, name })),
    times: entries.map((each) => ({ name: each.name, date: each.metadata.backup_date })),
    tables: own.map(([table, data]) => {
      const old = before?.get(table);
      const size = sizeOf(data);
      return {
        name: table,
        rows: size.rows,
        bytes: size.bytes,
        before: old?.rows,
        changed: old === undefined || old.mark !== size.mark,
        history: [...sizes.map((each) => each.get(table)?.rows ?? 0).reverse(), size.rows],
      };
    }),
  };
}

interface Size {
  readonly rows: number;
  readonly bytes: number;
  /** Equal rows have equal parts. */
  readonly mark: string;
}

function sizeOf(table: TableData): Size {
  if ('rows' in table) {
    const text = table.rows.join('\n');
    return { rows: table.rows.length, bytes: text.length, mark: text };
  }
  const bytes = table.parts.reduce((sum, part) => sum + part.bytes, 0);
  return { rows: rowCount(table), bytes, mark: table.parts.map(({ file }) => file).join(' ') };
}

const known = new Map<string, Map<string, Size>>();
const MOST_KNOWN = 200;

async function sizesOnce(project: Project, { name, metadata }: Entry): Promise<Map<string, Size> | undefined> {
  const key = JSON.stringify([project.store.id, name, metadata.backup_date, metadata.content]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const backup = await opened(project, name).catch(unlessHindered);
  if (backup === undefined) return undefined;
  const sizes = new Map([...backup.manifest.data].map(([table, data]) => [table, sizeOf(data)]));
  known.set(key, sizes);
  if (known.size > MOST_KNOWN) for (const [oldest] of [...known].slice(0, 1)) known.delete(oldest);
  return sizes;
}

export interface RowsAsked extends GridWanted {
  readonly name: string;
  readonly table: string;
}

export interface Rows extends Grid {
  readonly entry: Entry;
}

const NO_TABLE: TableData = { rows: [] };
const columns = noColumns();

export async function rows(project: Project, { name, table, ...wanted }: RowsAsked): Promise<Rows> {
  const { manifest, store } = await opened(project, userName(name));
  const data = manifest.data.get(table) ?? NO_TABLE;
  return { entry: { name, metadata: manifest.metadata }, ...(await gridOf(store, data, wanted, columns)) };
}

export interface RowAsked {
  readonly name: string;
  readonly table: string;
  readonly number: number;
}

/** A row, and what became of it in every backup there is. */
export interface RowLife {
  readonly entry: Entry;
  /** Undefined where there is no such row. */
  readonly line: string | undefined;
  /** The columns that tell it from others, with their values; empty where nothing does. */
  readonly key: readonly (readonly [column: string, value: string])[];
  readonly events: readonly (Omit<RowEvent, 'version'> & {
    readonly name: string;
    readonly date: string;
    readonly isHere: boolean;
    readonly commit: string | undefined;
    readonly by: Authored | undefined;
  })[];
}

const MOST_EVENTS = 50;
const keysOf = keyTeller();

export async function row(project: Project, { name, table, number }: RowAsked): Promise<RowLife> {
  const { manifest, store } = await opened(project, userName(name));
  const entry = { name, metadata: manifest.metadata };
  const [found] = await linesAt(store, manifest.data.get(table) ?? NO_TABLE, [number]);
  if (found === undefined) return { entry, line: undefined, key: [], events: [] };
  const key = await keyIn(project, manifest, table, found.line);
  if (key.length === 0) return { entry, line: found.line, key, events: [] };
  const place = await placeInRepository(project);
  const words = key.map(([, value]) => wordOf(value));
  const { events } = await rowLog(project, place, table, words, MOST_EVENTS);
  const here = new Set((await readCatalog(project.store)).entries.map((each) => each.name));
  const commits = events.flatMap(({ version }) => version.commit ?? []);
  const by = place === undefined ? new Map() : await authorsOf(place.repository, commits);
  return {
    entry,
    line: found.line,
    key,
    events: events.map(({ version, ...event }) => ({
      ...event,
      name: version.name,
      date: version.metadata.backup_date,
      isHere: here.has(version.name),
      commit: version.commit,
      by: by.get(version.commit ?? ''),
    })),
  };
}

/** The columns that tell a row of a table from others, each with its value as the row's line has it; none where one has no value. */
export async function keyIn(
  project: Project,
  manifest: Pick<Manifest, 'schema'>,
  table: string,
  line: string,
): Promise<(readonly [string, string])[]> {
  const declared = (await keysOf(project, manifest)).get(table) ?? [];
  const number = declared.length > 0 ? undefined : (await project.database.slicedBy?.(manifest.schema))?.get(table);
  const members = membersOf(line);
  const key = (number === undefined ? declared : [number]).map(
    (column) => [column, members.get(column) ?? 'null'] as const,
  );
  return key.some(([, value]) => value === 'null') ? [] : key;
}

/** As somebody would type it. */
function wordOf(value: string): string {
  return value.startsWith('"') ? String(JSON.parse(value)) : value;
}
