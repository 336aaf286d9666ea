import {
  ACTIONS,
  type Action,
  type CommonIndex,
  type CommonKey,
  type CommonReference,
} from '../../../core/common/definitions.ts';
import { type Dialect, readExpression } from '../../../core/common/expression.ts';
import { keyOf } from '../names.ts';
import type { Column } from './column.ts';
import { nameFirst, partsOf, placeFirst } from './parts.ts';

/** A table as far as its keys must know it. */
export interface Columns {
  readonly columns: readonly Column[];
  readonly dialect: Dialect;
}

/** What an ALTER TABLE adds. */
export function added(sql: string): { readonly name: string; readonly rest: string } {
  const [, rest = ''] = /^ALTER TABLE (?:ONLY )?[\s\S]*? ADD CONSTRAINT ([\s\S]*)$/.exec(sql) ?? [];
  return nameFirst(rest);
}

/** A primary key or another one; or why it is none that others have. */
export function keyIn(sql: string, { columns: all }: Columns): (CommonKey & { readonly isPrimary: boolean }) | string {
  const { name, rest } = added(sql);
  const { before, entries, after } = partsOf(rest);
  const columns = entries.map((entry) => nameFirst(entry).name);
  const isStored = columns.every((column) => all.some((each) => each.name === column));
  const isPrimary = before === 'PRIMARY KEY';
  const isKey = (isPrimary || before === 'UNIQUE') && /^(INCLUDE \(.*\))?$/.test(after) && isStored;
  return isKey ? { name, columns, isPrimary } : `${rest} is PostgreSQL’s`;
}

/** An index; or why it is none that others have. */
export function indexIn(name: string, sql: string, table: Columns): CommonIndex | string {
  const [, unique = '', list = ''] = /^CREATE (UNIQUE )?INDEX [\s\S]*? USING btree (\([\s\S]*)$/.exec(sql) ?? [];
  if (list === '') return 'it is of a kind that only PostgreSQL has';
  const { entries, after } = partsOf(list);
  const columns = entries.map((entry) => indexedIn(entry, table));
  if (columns.includes(undefined)) return 'it is over an expression, or in an order of its own';
  const found = /^(?:INCLUDE \([^)]*\) ?)?(?:WITH \([^)]*\) ?)?(?:WHERE ([\s\S]*))?$/.exec(after);
  if (found === null) return `${after} is PostgreSQL’s`;
  const [, condition] = found;
  const only = condition === undefined ? undefined : readExpression(condition, table.dialect);
  if (condition !== undefined && only === undefined) return 'which rows are in it is said in PostgreSQL’s SQL';
  return {
    name,
    isUnique: unique !== '',
    columns: columns.flatMap((column) => column ?? []),
    ...(only === undefined ? {} : { only }),
  };
}

/** How the server writes a text in small letters, whatever the letters of the database are. */
const FOLDED = /^lower\(\(*("(?:[^"]|"")*"|[\w$\u0080-\uffff]+)\)?(?:::text)?\)? COLLATE "C"\)+$/u;

function indexedIn(entry: string, { columns }: Columns): CommonIndex['columns'][number] | undefined {
  const descends = / DESC( NULLS (FIRST|LAST))?$/.test(entry);
  const rest = entry.replace(/(?: (?:ASC|DESC))?(?: NULLS (?:FIRST|LAST))?$/, '');
  const [, folded] = FOLDED.exec(rest) ?? [];
  const { name, rest: more } = nameFirst(folded ?? rest);
  const column = columns.find((each) => each.name === name);
  if (column === undefined || more !== '') return undefined;
  if (folded !== undefined && column.kind !== 'text') return undefined;
  return { name, descends, ignoresCase: folded !== undefined };
}

const HOW =
  /^(?:ON UPDATE (CASCADE|RESTRICT|SET NULL|SET DEFAULT) ?)?(?:ON DELETE (CASCADE|RESTRICT|SET NULL|SET DEFAULT) ?)?(?:DEFERRABLE ?(INITIALLY DEFERRED ?)?)?(NOT VALID)?$/;

/** A foreign key, with the key of the table that it points to; or why it is none that others have. */
export function referenceIn(sql: string, nameOf: (key: string) => string | undefined): CommonReference | string {
  const { name, rest } = added(sql);
  const { entries, after } = partsOf(rest);
  const { rest: list, ...place } = placeFirst(after.replace(/^REFERENCES /, ''));
  const { entries: to, after: how } = partsOf(list);
  const table = nameOf(keyOf(place));
  if (table === undefined) return 'the table that it points to is none that is copied';
  const found = HOW.exec(how);
  if (found === null) return `${how} is PostgreSQL’s`;
  const [, onUpdate, onDelete, waits, loose] = found;
  return {
    name,
    columns: entries.map((entry) => nameFirst(entry).name),
    table,
    to: to.map((entry) => nameFirst(entry).name),
    onDelete: actionOf(onDelete),
    onUpdate: actionOf(onUpdate),
    waits: waits !== undefined,
    ...(loose === undefined ? {} : { isLoose: true }),
  };
}

const actionOf = (said: string | undefined): Action => ACTIONS.find((action) => action === said) ?? 'NO ACTION';
