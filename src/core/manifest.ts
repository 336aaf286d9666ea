import { type ContentDigest, type Digest, sha256 } from './digest.ts';
import { OverwinterError } from './errors.ts';
import { compact, elementsOf, JsonSyntaxError, membersOf, parse } from './json.ts';
import { isPartFile } from './names.ts';
import { type LeftOut, leftOutOf } from './privacy/left-out.ts';
import { backupDamaged, backupTooNew } from './problems.ts';

export const FORMAT = 1;

/** Readers refuse a larger manifest without reading it, and writers write none. No git host takes a larger file. */
export const LARGEST_MANIFEST = 100 * 1024 * 1024;

/** The same for the definitions in one: SQLite takes the square of their number to make them, 20 seconds for so many. */
export const MOST_DEFINITIONS = 20_000;

/** The same for a part, with room for what it was made of. */
export const LARGEST_PART_FILE = 50 * 1024 * 1024;

const KEYED = 'hmac-sha256:';

export type SchemaType = 'table' | 'index' | 'view' | 'trigger';

export interface SchemaObject {
  readonly type: SchemaType;
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

export interface Settings {
  readonly user_version: number;
  readonly application_id: number;
  readonly encoding: 'UTF-8' | 'UTF-16le' | 'UTF-16be';
  readonly page_size: number;
  readonly auto_vacuum: number;
  readonly journal_mode: 'wal' | 'delete';
}

export interface Part {
  readonly file: string;
  /** 0 where the part ends inside a line, which then goes on in the next part. */
  readonly rows: number;
  readonly bytes: number;
  /** Where the part is kept encrypted: its place among the files that the outer manifest lists. */
  readonly sealed?: number;
}

/** A table's rows: their lines themselves, or the parts that hold them. */
export type TableData =
  | { readonly rows: readonly string[] }
  | { readonly count: number; readonly parts: readonly Part[] };

export interface Origin {
  readonly environment: string;
  readonly trigger: string;
  readonly commit?: string;
  readonly host?: string;
}

export interface Metadata extends LeftOut {
  readonly format: number;
  readonly backup_date: string;
  readonly version: string;
  readonly database_type: string;
  /** Where the database lies in its project, so that a fresh clone knows where to put it back. */
  readonly database?: string;
  readonly origin: Origin;
  readonly content: ContentDigest;
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What was saved, without when and by whom. */
export interface Content {
  readonly schema: readonly SchemaObject[];
  readonly settings: Settings;
  readonly data: ReadonlyMap<string, TableData>;
}

/** What an engine makes a database of. */
export interface Saved extends Content {
  readonly metadata?: LeftOut;
}

export interface Manifest extends Content {
  readonly metadata: Metadata;
}

export function rowCount(table: TableData): number {
  return 'rows' in table ? table.rows.length : table.count;
}

export function partsOf(content: Content): Part[] {
  return [...content.data.values()].flatMap((table) => ('parts' in table ? table.parts : []));
}

const list = (items: readonly string[], indent: string, close: string) =>
  items.length === 0 ? `[${close}` : `[\n${items.map((item) => indent + item).join(',\n')}\n${indent.slice(2)}${close}`;

function tableText(table: TableData): string {
  if ('rows' in table) return list(table.rows, '      ', ']');
  const parts = table.parts.map(({ file, rows, bytes, sealed }) => JSON.stringify({ file, rows, bytes, sealed }));
  return `{"rows":${table.count},"parts":${list(parts, '      ', ']}')}`;
}

function contentText(content: Content): string {
  const schema = content.schema.map(({ type, name, table, sql }) => JSON.stringify({ type, name, table, sql }));
  const { user_version, application_id, encoding, page_size, auto_vacuum, journal_mode } = content.settings;
  const settings = JSON.stringify({ user_version, application_id, encoding, page_size, auto_vacuum, journal_mode });
  const data = [...content.data].map(([name, table]) => `    ${JSON.stringify(name)}: ${tableText(table)}`);
  const dataText = data.length === 0 ? '{}' : `{\n${data.join(',\n')}\n  }`;
  return `  "schema": ${list(schema, '    ', ']')},\n  "settings": ${settings},\n  "data": ${dataText}`;
}

/** The same whether the parts are kept encrypted or not. */
export function contentDigest(content: Content): Digest {
  return sha256(
    contentText({ ...content, data: new Map([...content.data].map(([name, table]) => [name, bare(table)])) }),
  );
}

function bare(table: TableData): TableData {
  if ('rows' in table || table.parts.every((part) => part.sealed === undefined)) return table;
  return { count: table.count, parts: table.parts.map(({ file, rows, bytes }) => ({ file, rows, bytes })) };
}

export function metadataText(metadata: Metadata): string {
  const { format, backup_date, version, database_type, database, origin, content, tables, rows, bytes } = metadata;
  const { environment, trigger, commit, host } = origin;
  const fields = {
    format,
    backup_date,
    version,
    database_type,
    database,
    origin: { environment, trigger, commit, host },
    content,
    tables,
    rows,
    bytes,
    ...leftOutOf(metadata),
  };
  return `  "metadata": ${JSON.stringify(fields, null, 2).replaceAll('\n', '\n  ')}`;
}

/** The canonical text of a manifest and its digest. */
export function writeManifest(manifest: Manifest): { text: string; digest: Digest } {
  const body = `{\n${metadataText(manifest.metadata)},\n${contentText(manifest)}`;
  const digest = sha256(body);
  return { text: `${body},\n  "digest": "${digest}"\n}\n`, digest };
}

const damaged = (file: string, what: string): never => {
  throw backupDamaged(file, what)();
};

export type Fields = Record<string, unknown>;

export function fieldsOf(text: string | undefined, what: string): Fields {
  if (text === undefined) throw new JsonSyntaxError(`no ${what}`);
  // membersOf sees what JSON.parse lets pass: a key given twice.
  const members = membersOf(text);
  return Object.fromEntries([...members].map(([key, value]) => [key, parse(value)]));
}

export function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new JsonSyntaxError(`no text in ${key}`);
  return value;
}

function whole(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new JsonSyntaxError(`no whole number in ${key}`);
  return value;
}

/** Text that is shown to people: nothing in it may speak to their terminal. */
function line(fields: Fields, key: string): string {
  const value = text(fields, key);
  if (/\p{Cc}/u.test(value)) throw new JsonSyntaxError(`a control character in ${key}`);
  return value;
}

/** A whole number within bounds, both of which belong to it. */
export function within(fields: Fields, key: string, least: number, most: number): number {
  const value = whole(fields, key);
  if (value < least || value > most) throw new JsonSyntaxError(`${value} as ${key}`);
  return value;
}

const count = (fields: Fields, key: string) => within(fields, key, 0, Number.MAX_SAFE_INTEGER);

const LEAST_INT32 = -(2 ** 31);
const MOST_INT32 = 2 ** 31 - 1;

function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T {
  const value = text(fields, key);
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new JsonSyntaxError(`an unknown ${key}`);
  return found;
}

function readOrigin(fields: Fields): Origin {
  const raw = fields.origin;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new JsonSyntaxError('no origin');
  const origin: Fields = { ...raw };
  return {
    environment: line(origin, 'environment'),
    trigger: line(origin, 'trigger'),
    ...(origin.commit === undefined ? {} : { commit: line(origin, 'commit') }),
    ...(origin.host === undefined ? {} : { host: line(origin, 'host') }),
  };
}

/** As a writer writes it, and early enough that a later one can be written too. */
function isDate(date: string): boolean {
  return /^[0-8]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(date) && !Number.isNaN(Date.parse(date));
}

export function readMetadata(raw: string | undefined): Metadata {
  const fields = fieldsOf(raw, 'metadata');
  const content = line(fields, 'content');
  const date = line(fields, 'backup_date');
  if (!isDate(date)) throw new JsonSyntaxError('no date in backup_date');
  return {
    format: count(fields, 'format'),
    backup_date: date,
    version: line(fields, 'version'),
    database_type: line(fields, 'database_type'),
    ...(fields.database === undefined ? {} : { database: line(fields, 'database') }),
    origin: readOrigin(fields),
    content: content.startsWith(KEYED)
      ? `${KEYED}${content.slice(KEYED.length)}`
      : `sha256:${content.replace(/^sha256:/, '')}`,
    tables: count(fields, 'tables'),
    rows: count(fields, 'rows'),
    bytes: count(fields, 'bytes'),
    ...readLeftOut(fields),
  };
}

function readLeftOut(fields: Fields): LeftOut {
  return leftOutOf({
    redacted: byTable(fields, 'redacted', isListOfText),
    replaced: byTable(fields, 'replaced', isListOfText),
    included: byTable(fields, 'included', (value) => typeof value === 'string'),
    excluded: byTable(fields, 'excluded', (value) => value === 'rows' || value === 'whole'),
  });
}

const isListOfText = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

function byTable<T>(fields: Fields, key: string, is: (value: unknown) => value is T): Record<string, T> {
  const raw = fields[key] ?? {};
  if (typeof raw !== 'object' || Array.isArray(raw)) throw new JsonSyntaxError(`no tables in ${key}`);
  return Object.fromEntries(
    Object.entries(raw).map(([table, value]): [string, T] => {
      if (!is(value)) throw new JsonSyntaxError(`nothing known of ${JSON.stringify(table)} in ${key}`);
      return [table, value];
    }),
  );
}

function readSchema(raw: string | undefined): SchemaObject[] {
  const definitions = elementsOf(raw ?? '');
  if (definitions.length > MOST_DEFINITIONS) throw new JsonSyntaxError(`${definitions.length} definitions`);
  return definitions.map((each) => {
    const fields = fieldsOf(each, 'definition');
    return {
      type: oneOf(fields, 'type', ['table', 'index', 'view', 'trigger']),
      name: text(fields, 'name'),
      table: text(fields, 'table'),
      sql: text(fields, 'sql'),
    };
  });
}

function readSettings(raw: string | undefined): Settings {
  const fields = fieldsOf(raw, 'settings');
  return {
    user_version: within(fields, 'user_version', LEAST_INT32, MOST_INT32),
    application_id: within(fields, 'application_id', LEAST_INT32, MOST_INT32),
    encoding: oneOf(fields, 'encoding', ['UTF-8', 'UTF-16le', 'UTF-16be']),
    page_size: within(fields, 'page_size', 512, 65536),
    auto_vacuum: within(fields, 'auto_vacuum', 0, 2),
    journal_mode: oneOf(fields, 'journal_mode', ['wal', 'delete']),
  };
}

function readPart(raw: string): Part {
  const fields = fieldsOf(raw, 'part');
  const part = {
    file: text(fields, 'file'),
    rows: count(fields, 'rows'),
    bytes: within(fields, 'bytes', 1, LARGEST_PART_FILE),
    ...(fields.sealed === undefined ? {} : { sealed: count(fields, 'sealed') }),
  };
  if (!isPartFile(part.file)) throw new JsonSyntaxError(`'${part.file}' as the path of a part`);
  return part;
}

function readTable(name: string, raw: string): TableData {
  if (raw.startsWith('[')) return { rows: elementsOf(raw).map(compact) };
  const members = membersOf(raw);
  const total = Number(members.get('rows'));
  const parts = elementsOf(members.get('parts') ?? '').map(readPart);
  if (parts.reduce((sum, part) => sum + part.rows, 0) !== total) {
    throw new JsonSyntaxError(`counts that disagree for ${JSON.stringify(name)}`);
  }
  if (parts.at(-1)?.rows === 0) throw new JsonSyntaxError(`a row without an end in ${JSON.stringify(name)}`);
  return { count: total, parts };
}

/**
 * The user's own tables and rows must be as many as the metadata says: decisions are made by those numbers alone. Which tables
 * beside a virtual one are its shadows, and so not the user's, only the engine knows: they may count or not.
 */
function mustCountRight({ metadata, schema, data }: Manifest): void {
  const isVirtual = ({ sql }: SchemaObject) => /^\s*CREATE\s+VIRTUAL\s/i.test(sql);
  const virtual = new Set(schema.filter(isVirtual).map(({ name }) => name.toLowerCase()));
  const tables = [...data].map(([name, table]) => ({ name: name.toLowerCase(), rows: rowCount(table) }));
  const most = tables.filter(({ name }) => !name.startsWith('sqlite_'));
  const least = most.filter(({ name }) => !isBeside(name, virtual));
  const rowsOf = (some: typeof tables) => some.reduce((sum, { rows }) => sum + rows, 0);
  const { tables: said, rows } = metadata;
  if (said < least.length || said > most.length)
    throw new JsonSyntaxError(`counts that disagree: ${said} tables, and data for ${most.length}`);
  if (rows < rowsOf(least) || rows > rowsOf(most))
    throw new JsonSyntaxError(`counts that disagree: ${rows} rows, and data for ${rowsOf(most)}`);
}

/** Whether a name is that of a virtual table with something after an underscore. */
function isBeside(name: string, virtual: ReadonlySet<string>): boolean {
  for (let at = name.indexOf('_'); at !== -1; at = name.indexOf('_', at + 1))
    if (virtual.has(name.slice(0, at))) return true;
  return false;
}

/** Only the metadata, from a manifest's first bytes; undefined when they do not reach far enough or say nothing. */
export function peekMetadata(head: string): Metadata | undefined {
  const found = /^\s*\{\s*"metadata"\s*:\s*(\{.*?\n {2}\})/s.exec(head)?.[1];
  try {
    return found === undefined ? undefined : readMetadata(found);
  } catch {
    return undefined;
  }
}

/**
 * Reads a manifest that claims nothing but to be one. Throws BACKUP_DAMAGED for anything that is not, to the byte, what a
 * writer wrote (white space apart), and BACKUP_TOO_NEW for a later format.
 */
export function readManifest(file: string, source: string): { manifest: Manifest; digest: Digest } {
  if (/^(<{7}|={7}|>{7})/m.test(source)) damaged(file, 'holds the marks of a merge conflict');
  try {
    const members = membersOf(source);
    const format = fieldsOf(members.get('metadata'), 'metadata').format;
    if (typeof format === 'number' && format > FORMAT) throw backupTooNew(file, format)();
    const manifest: Manifest = {
      metadata: readMetadata(members.get('metadata')),
      schema: readSchema(members.get('schema')),
      settings: readSettings(members.get('settings')),
      data: new Map([...membersOf(members.get('data') ?? '')].map(([name, raw]) => [name, readTable(name, raw)])),
    };
    const { digest } = writeManifest(manifest);
    if (members.get('digest') !== `"${digest}"`) damaged(file, 'is not what was written: its digest disagrees');
    if (contentDigest(manifest) !== manifest.metadata.content) damaged(file, 'has a content digest that disagrees');
    mustCountRight(manifest);
    return { manifest, digest };
  } catch (error) {
    if (error instanceof OverwinterError) throw error;
    throw backupDamaged(file, `is not a whole manifest (${error instanceof Error ? error.message : error})`)(error);
  }
}
