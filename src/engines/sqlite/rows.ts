import { isUtf8 } from 'node:buffer';
import { textTorn } from '../../core/problems/database.ts';
import type { Db } from './open.ts';
import { prepared } from './prepared.ts';
import { literal, quoted, type Table } from './schema.ts';
import { type Encoding, isWhole } from './text.ts';

/**
 * Rows to JSON lines and back, in SQL: SQLite makes and reads the JSON in C, and a row never becomes a JavaScript object.
 * What JSON cannot say takes an expression of its own; a table pays for that only once such a value was met.
 */
export interface Care {
  readonly blobs: boolean;
  readonly reals: boolean;
  readonly texts: boolean;
}

const FUNCTION_ARGUMENTS = 500;
const TERMS_IN_A_ROW = 100;

/** The functions that the expressions below call. */
export function registerRowFunctions(db: Db, encoding: Encoding): void {
  const pure = { deterministic: true, directOnly: true };
  db.function('overwinter_base64', pure, (bytes) => bytesOf(bytes).toString('base64'));
  db.function('overwinter_bytes', pure, (text) => Buffer.from(String(text), 'base64'));
  db.function('overwinter_whole', pure, (bytes) => {
    const text = bytesOf(bytes);
    if (encoding !== 'UTF-8' && text.length % 2 === 1) throw textTorn(db.name)();
    return isWhole(text, encoding) ? 1 : 0;
  });
}

/** The bytes themselves, not a copy: they may be many. */
function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0);
}

/** Puts operators between terms as a tree and not as a chain: SQLite bounds how deep an expression may be. */
export function joined(terms: readonly string[], operator: string): string {
  if (terms.length <= TERMS_IN_A_ROW) return terms.join(` ${operator} `);
  const size = Math.ceil(terms.length / TERMS_IN_A_ROW);
  const groups: string[] = [];
  for (let i = 0; i < terms.length; i += size) groups.push(`(${joined(terms.slice(i, i + size), operator)})`);
  return groups.join(` ${operator} `);
}

export interface Member {
  readonly name: string;
  /** What is read for it, in SQL. */
  readonly value: string;
}

/** What a row's line holds, in order. */
export function membersOf(table: Table): Member[] {
  const members = table.columns.map(({ name, instead }) => ({ name, value: instead ?? quoted(name) }));
  if (table.hiddenRowid && table.rowid !== undefined) members.unshift({ name: table.rowid, value: table.rowid });
  return members;
}

/** The SQL expression for a BLOB's base64. */
type InBase64 = (value: string) => string;

const inBase64: InBase64 = (value) => `overwinter_base64(${value})`;

/** The SQL expression for one row's line, without the line's end. */
export function lineOf(table: Table, care: Care, base64 = inBase64): string {
  const members = membersOf(table);
  if (members.length === 0) return "'{}'";
  if (care.blobs || care.reals || care.texts) {
    const texts = members.map((each, at) => `${keyOf(each, at)} || ${carefulValue(each.value, care, base64)}`);
    return `(${joined(texts, '||')} || '}')`;
  }
  const pairs = members.map(({ name, value }) => `${literal(name)}, ${value}`);
  const groups: string[] = [];
  for (let i = 0; i < pairs.length; i += FUNCTION_ARGUMENTS / 2) {
    groups.push(`json_object(${pairs.slice(i, i + FUNCTION_ARGUMENTS / 2).join(', ')})`);
  }
  const [only = "'{}'", ...others] = groups;
  if (others.length === 0) return only;
  const inner = groups.map((group) => `substr(${group}, 2, length(${group}) - 2)`);
  return `('{' || ${inner.join(" || ',' || ")} || '}')`;
}

/** The SQL expression for what stands before a member's value. */
export const keyOf = ({ name }: Member, at: number): string =>
  `${at === 0 ? "'{'" : "','"} || json_quote(${literal(name)}) || ':'`;

export function carefulValue(value: string, care: Care, base64 = inBase64): string {
  const plain = `json_quote(${value})`;
  const cases: string[] = [];
  if (care.blobs) cases.push(`WHEN 'blob' THEN '{"$blob":"' || ${base64(value)} || '"}'`);
  if (care.texts) {
    const stored = `CAST(${value} AS BLOB)`;
    cases.push(
      `WHEN 'text' THEN iif(overwinter_whole(${stored}), ${plain}, '{"$text":"' || overwinter_base64(${stored}) || '"}')`,
    );
  }
  if (care.reals) {
    const real = (test: string, tag: string) => `WHEN ${test} THEN '{"$real":"${tag}"}'`;
    cases.push(`WHEN 'real' THEN CASE ${real(`+${value} = 9e999`, 'Infinity')} ${real(`+${value} = -9e999`, '-Infinity')}
      ${real(`+${value} = 0.0 AND atan2(${value}, -1.0) < 0.0`, '-0.0')} ELSE ${plain} END`);
  }
  return `CASE typeof(${value}) ${cases.join(' ')} ELSE ${plain} END`;
}

/** True in SQL for a row with a BLOB: `json_object` would take some BLOBs for JSON of its own binary kind. */
export function hasBlob(table: Table): string {
  const read = table.columns.filter(
    ({ name, instead }) => instead === undefined && (table.hiddenRowid || name !== table.rowid),
  );
  const tests = read.map(({ name }) => `${quoted(name)} >= x''`);
  return tests.length === 0 ? '0' : joined(tests, 'OR');
}

/** Which care the lines of a fetched piece show to be needed. Text may look like it and cost a little time, no more. */
export function careNeeded(table: Table, bytes: Buffer, hadBlob: boolean): Care {
  const mayHoldNegativeZero = table.columns.some((column) => column.keepsAnything);
  return {
    blobs: hadBlob,
    texts: !isUtf8(bytes),
    // A sign is rarer than a digit, so looking for it first is several times as fast.
    reals:
      (bytes.includes('+999') && bytes.includes('9.0e+999')) ||
      (mayHoldNegativeZero && (bytes.includes(':0.0,') || bytes.includes(':0.0}'))),
  };
}

/** A sign that some value of a slice is tagged: only an object can begin so, in a row that is otherwise flat. */
export function hasTags(slice: Uint8Array): boolean {
  return Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength).includes('{"$');
}

const quotes = prepared((db, sql) => db.prepare<[string], string>(sql).pluck());

/** The path of a column in a row's object. */
function pathOf(db: Db, name: string): string {
  const label = quotes(db, 'SELECT json_quote(?)').get(name) ?? '';
  return literal(`$.${label}`);
}

export interface Field {
  readonly name: string;
  readonly column: string;
}

/** How a value is given that is not in its row's line: its bytes are bound. */
export type Given = 'bytes' | 'text';

/** The path in a row of each of its values, where that is not the column's name. */
type PathOf = (name: string) => string;

/**
 * The SQL that inserts the rows of one slice, given as a JSON array. `tagged` reads tags too, and is slower. Values of the columns
 * in `given` come before the array, in the order of the fields.
 */
export function insertSlice(
  db: Db,
  table: string,
  fields: readonly Field[],
  tagged: boolean,
  given: ReadonlyMap<string, Given> = new Map(),
  placeOf?: PathOf,
): string {
  const values = fields.map(({ name }) => {
    const how = given.get(name);
    if (how !== undefined) return how === 'text' ? 'CAST(? AS TEXT)' : '?';
    const path = placeOf === undefined ? pathOf(db, name) : literal(placeOf(name));
    if (!tagged) return `value->>${path}`;
    const tag = (kind: string) => `${path.slice(0, -1)}."$${kind}"'`;
    const has = (kind: string) => `json_type(value, ${tag(kind)}) IS 'text'`;
    return `CASE WHEN json_type(value, ${path}) IS NOT 'object' THEN value->>${path}
      WHEN ${has('blob')} THEN overwinter_bytes(value->>${tag('blob')})
      WHEN ${has('text')} THEN CAST(overwinter_bytes(value->>${tag('text')}) AS TEXT)
      ELSE CASE value->>${tag('real')} WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999 WHEN '-0.0' THEN -0.0 END END`;
  });
  const columns = fields.map(({ column }) => column).join(', ');
  return `INSERT INTO ${quoted(table)}(${columns}) SELECT ${values.join(', ')} FROM temp.jsonb_each(?)`;
}
