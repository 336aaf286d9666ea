import type { SchemaObject } from '../../core/manifest.ts';
import type { Shapes } from '../../core/privacy/select.ts';
import { namesIn } from '../sql-words.ts';
import type { Table } from './tables.ts';

/** What whoever decides about columns must know of the tables. */
export function shapesOf(tables: readonly Table[], schema: readonly SchemaObject[]): Shapes {
  const mentioned = (sql: string) => {
    const names = namesIn(sql);
    return new Set(tables.flatMap(({ name, key }) => (names.has(name) ? [key] : [])));
  };
  return {
    tables: tables.map((table) => {
      const key = table.uniques.find(({ isKey }) => isKey);
      return {
        name: table.key,
        kind: 'table',
        columns: table.columns.map(({ name, type, notNull, hasDefault, isGenerated }) => ({
          name,
          type,
          notNull,
          hasDefault,
          isGenerated,
          isKey: key?.columns.includes(name) === true,
        })),
        uniques: table.uniques
          .filter(({ isKey }) => !isKey)
          .map(({ columns, sql }) => ({ columns, mentions: namesIn(sql) })),
        references: table.references,
        computedFrom: () => namesIn(table.computed.join('\n')),
      };
    }),
    others: schema
      .filter(({ type }) => NEED_TABLES.includes(type))
      .map(({ type, name, table, sql }) => ({ type, name, table, mentions: () => mentioned(sql) })),
    leakingTables: () => [],
    fold: (name) => name,
  };
}

/** What cannot be made without the tables that it is about, on whichever it is. */
const NEED_TABLES = ['view', 'materialized view', 'trigger', 'rule', 'policy', 'function', 'procedure', 'partition'];
