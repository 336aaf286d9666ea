import { bookkeepingOf } from '../../../core/bookkeeping.ts';
import type { SchemaObject } from '../../../core/manifest.ts';
import type { CountedTable, RowsOf } from '../../codec.ts';
import { columnsIn } from './columns-in.ts';
import { contentOf } from './indexes.ts';
import { isVirtualDefinition, moduleOf } from './virtual-tables.ts';

interface Module {
  /** The ends of the names of the tables in which it keeps what it is given. */
  readonly ends: readonly string[];
  /** Those of them with a row for each of its own, the best first; one is there and the others may be missing. */
  readonly rowEach: readonly string[];
  /** Where there is none: this one has rows if the virtual table has any, but not as many. */
  readonly filled?: string;
}

const FTS3: Module = {
  ends: ['content', 'segments', 'segdir', 'docsize', 'stat'],
  rowEach: ['content', 'docsize'],
  filled: 'segdir',
};
const RTREE: Module = { ends: ['node', 'rowid', 'parent'], rowEach: ['rowid'] };
const VOCABULARY: Module = { ends: [], rowEach: [] };

const MODULES: ReadonlyMap<string, Module> = new Map([
  ['fts3', FTS3],
  ['fts4', FTS3],
  ['fts5', { ends: ['data', 'idx', 'content', 'docsize', 'config'], rowEach: ['content', 'docsize'], filled: 'idx' }],
  ['rtree', RTREE],
  ['rtree_i32', RTREE],
  ['geopoly', RTREE],
  ['fts4aux', VOCABULARY],
  ['fts5vocab', VOCABULARY],
]);

const moduleFor = (sql: string) => MODULES.get(moduleOf(sql).toLowerCase());

/** How the names of the tables end in which a virtual table keeps what it is given. */
export const endsOf = (sql: string): readonly string[] => moduleFor(sql)?.ends ?? [];

/**
 * The user's tables, in the order of the schema. A virtual table counts what its module keeps for it in tables of its own, and
 * those do not count under their own names. An index over another table has no rows of its own: to make it again loses nothing.
 * Nor does what a tool for migrations notes for itself make a database one with data.
 */
export function countedTables(schema: readonly SchemaObject[]): CountedTable[] {
  const tables = schema.filter(({ type }) => type === 'table');
  const beside = tablesOfVirtual(schema);
  const hidden = new Set([...beside.values()].flat());
  return tables.flatMap((table): CountedTable[] => {
    const { name, sql } = table;
    if (hidden.has(name) || bookkeepingOf(name, () => columnsIn(sql)) !== undefined) return [];
    if (!isVirtualDefinition(table)) return [{ name, rows: (rowsOf) => rowsOf(name) ?? 0 }];
    const own = new Map(beside.get(name)?.map((each) => [each.slice(name.length + 1).toLowerCase(), each]));
    if (own.size === 0 || (!own.has('content') && isAboutAnother(sql, schema))) return [];
    return [{ name, rows: rowsOfVirtual(own, moduleFor(sql)) }];
  });
}

/** By virtual table the stored tables that are its own. Whose module is not known here owns all that are called after it. */
export function tablesOfVirtual(schema: readonly SchemaObject[]): ReadonlyMap<string, readonly string[]> {
  const virtual = schema.filter(isVirtualDefinition);
  const plain =
    virtual.length === 0
      ? []
      : schema.filter(({ type }) => type === 'table').filter((table) => !isVirtualDefinition(table));
  const stored = new Map(plain.map(({ name }) => [name.toLowerCase(), name]));
  const left = new Map(stored);
  const beside = new Map<string, string[]>();
  const unknown = new Map<string, string>();
  for (const { name, sql } of virtual) {
    const module = moduleFor(sql);
    const own = module?.ends.flatMap((end) => stored.get(`${name}_${end}`.toLowerCase()) ?? []) ?? [];
    for (const each of own) left.delete(each.toLowerCase());
    if (module === undefined) unknown.set(name.toLowerCase(), name);
    beside.set(name, own);
  }
  for (const [lower, name] of unknown.size === 0 ? [] : left) {
    const owner = ownerOf(lower, unknown);
    if (owner !== undefined) beside.get(owner)?.push(name);
  }
  return beside;
}

/** The virtual table whose name, with something after an underscore, a name is: the longest of them. */
function ownerOf(name: string, virtual: ReadonlyMap<string, string>): string | undefined {
  for (let at = name.lastIndexOf('_'); at > 0; at = name.lastIndexOf('_', at - 1)) {
    const owner = virtual.get(name.slice(0, at));
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function isAboutAnother(sql: string, schema: readonly SchemaObject[]): boolean {
  const content = contentOf(sql)?.toLowerCase();
  return Boolean(content) && schema.some(({ type, name }) => /table|view/.test(type) && name.toLowerCase() === content);
}

/** `own` by the ends of their names. */
function rowsOfVirtual(own: ReadonlyMap<string, string>, module: Module | undefined): (rowsOf: RowsOf) => number {
  return (rowsOf) => {
    const rows = (end: string) => {
      const stored = own.get(end);
      return (stored === undefined ? undefined : rowsOf(stored)) ?? 0;
    };
    if (module === undefined) return Math.max(...[...own.keys()].map(rows));
    const best = module.rowEach.find((end) => own.has(end));
    if (best !== undefined) return rows(best);
    // How many there were is not known: that there were any is what matters.
    return module.filled !== undefined && rows(module.filled) > 0 ? 1 : 0;
  };
}
